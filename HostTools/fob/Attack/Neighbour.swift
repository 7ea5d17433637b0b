import OATH
import TokenClient
import TokenCore
import TokenSimulator

/// A program that runs beside `fob` on the same computer and knows no secret. It can send the token
/// whatever it likes, on any channel that it knows or guesses, and sees all that the token answers to
/// anybody.
struct Neighbour {
  /// What it would like to have.
  enum Gain: String, CaseIterable {
    case list, code, remove, clock
    case pin = "PIN"
    case password, erase

    /// Completes 'It can …'.
    var words: String {
      switch self {
      case .list: "list the credentials"
      case .code: "have codes computed"
      case .remove: "remove a credential"
      case .clock: "set the clock a year ahead"
      case .pin: "set a PIN"
      case .password: "replace the password"
      case .erase: "erase the token"
      }
    }
  }

  /// When it tries, and on which channel.
  enum Way: String, CaseIterable {
    case own = "a channel of its own"
    case guessed = "guessed channels, beside fob"
    case guessedLater = "guessed channels, after fob"
    case overheard = "fob's channel, beside fob"
    case overheardLater = "fob's channel, after fob"
    case killed = "fob's channel, a minute after fob was killed"
    case busReset = "fob's channel, after fob was killed and the bus reset"

    /// What no rule of a token can keep from a program that hears fob's channel while fob is using it.
    var unavoidable: Set<Gain> { self == .overheard ? [.list, .code, .remove] : [] }
  }

  struct Result {
    let rule: NeighbourRule
    var gains: [Way: Set<Gain>] = [:]

    /// What a token that keeps its promises does not give.
    var holes: [(way: Way, gain: Gain)] {
      Way.allCases.flatMap { way in
        (gains[way] ?? []).subtracting(way.unavoidable).map { (way, $0) }
      }
    }
  }

  /// The channels that are guessed: the first ones, and as many random numbers.
  private static let guesses = 64
  private static let password = Array("correct horse".utf8)
  private static let year = Microseconds(365 * 86_400_000_000)

  private let rule: NeighbourRule
  private let seed: UInt64

  init(against rule: NeighbourRule, seed: UInt64) {
    self.rule = rule
    self.seed = seed
  }

  /// Tries each way, on a token of its own.
  func run() throws(TokenFailure) -> Result {
    var result = Result(rule: rule)
    for way in Way.allCases { result.gains[way] = try gains(way) }
    return result
  }

  // MARK: One way

  private func gains(_ way: Way) throws(TokenFailure) -> Set<Gain> {
    let token = SharedToken(rule, seed: seed)
    let attacker = Program(token)
    try Self.provision(token)
    // fob at work: the owner has typed the password.
    let fob = try Self.fob(token)
    let channel = attacker.lastOverheard
    var isRunning = true
    switch way {
    case .own, .guessed, .overheard: break
    case .guessedLater, .overheardLater:
      fob.close()
      isRunning = false
    case .killed: token.pass(seconds: 61)
    case .busReset: token.changeBus()
    }
    var channels: [UInt32]
    switch way {
    case .own: channels = [attacker.ownChannel()].compactMap { $0 }
    case .guessed, .guessedLater:
      var random = SeededRandom(seed &+ 1)
      channels = (1...Self.guesses).map { UInt32($0) }
      channels += (0..<Self.guesses).map { _ in UInt32(truncatingIfNeeded: random.next()) }
    case .overheard, .overheardLater, .killed, .busReset: channels = [channel]
    }
    // The channel that gives most; the others answer nothing.
    let found = channels.first { attacker.send(.list, [], on: $0)?.isSuccess == true }
    var gains = Set<Gain>()
    for channel in found.map({ [$0] }) ?? channels.suffix(1) {
      for gain in Gain.allCases where attempt(gain, attacker, on: channel, beside: fob, isRunning) {
        gains.insert(gain)
      }
    }
    return gains
  }

  private func attempt(
    _ gain: Gain, _ attacker: Program, on channel: UInt32, beside fob: TokenSession,
    _ isRunning: Bool
  ) -> Bool {
    func send(
      _ instruction: Instruction, p1: UInt8 = 0, p2: UInt8 = 0, _ data: [UInt8]
    ) -> HeldToken.Answer? {
      attacker.send(instruction, p1: p1, p2: p2, data, on: channel)
    }
    // As long as it runs, fob uses its channel now and then.
    if isRunning { _ = try? fob.information() }
    let madeUp = HeldToken.field(.proof, [UInt8](repeating: 0x5A, count: 20))
    switch gain {
    case .list: return send(.list, [])?.isSuccess == true
    case .code:
      let data = HeldToken.field(.name, Self.name("first")) + HeldToken.field(.challenge, [])
      return send(.calculate, p2: 1, data)?[.truncatedResponse] != nil
    case .remove:
      return send(.delete, HeldToken.field(.name, Self.name("second")))?.isSuccess == true
    case .clock: return setsClock(attacker, on: channel, madeUp)
    case .pin:
      let pin = HeldToken.field(.pin, Array("31415926".utf8))
      _ = send(.nonce, [])
      return [pin, pin + madeUp].contains { send(.setPIN, $0)?.isSuccess == true }
    case .password:
      let clear = HeldToken.field(.key, [])
      let replace = HeldToken.accessKey(ClockRule.publicKey)
      _ = send(.nonce, [])
      return [replace, replace + madeUp, clear, clear + madeUp].contains {
        send(.setCode, $0)?.isSuccess == true
      }
    case .erase: return send(.reset, p1: 0xDE, p2: 0xAD, [])?.isSuccess == true
    }
  }

  private func setsClock(_ attacker: Program, on channel: UInt32, _ madeUp: [UInt8]) -> Bool {
    func time() -> Int64? {
      attacker.send(.clockStatus, [], on: channel)?[.time]?.reduce(Int64(0)) { $0 << 8 | Int64($1) }
    }
    guard let now = time() else { return false }
    let ahead = HeldToken.time(UnixTime(microseconds: now) + Self.year)
    _ = attacker.send(.clockSync, ahead, on: channel)
    _ = attacker.send(.nonce, [], on: channel)
    for data in [ahead, ahead + madeUp] { _ = attacker.send(.clockSet, data, on: channel) }
    return (time() ?? now) - now > Self.year.rawValue / 2
  }

  // MARK: The owner

  /// The owner set the password while the token was empty, then its clock, and put two credentials on it.
  private static func provision(_ token: SharedToken) throws(TokenFailure) {
    let session = try TokenSession(over: token.cable())
    try session.setAccessKey(try session.accessKey(password: SecretBytes(password.span)))
    _ = try session.syncClock()
    for label in ["first", "second"] {
      try session.put(
        NewCredential(
          name: Credential.Name(label: label, period: Seconds(30)),
          secret: SecretBytes([UInt8](repeating: 0x2A, count: 20).span)))
    }
    session.close()
  }

  private static func fob(_ token: SharedToken) throws(TokenFailure) -> TokenSession {
    let session = try TokenSession(over: token.cable())
    try session.validate(try session.accessKey(password: SecretBytes(password.span)))
    _ = try session.list()
    return session
  }

  private static func name(_ label: String) -> [UInt8] { Array(label.utf8) }
}

/// The attacker's program: a cable, and reports of its own making.
private final class Program {
  private let cable: SharedToken.Cable
  /// The channel on which the token answered last.
  private var overheard: UInt32 = 0

  init(_ token: SharedToken) {
    cable = token.cable()
  }

  var lastOverheard: UInt32 {
    while let report = cable.read(before: .now) { note(report) }
    return overheard
  }

  /// A channel of its own, as anybody gets one.
  func ownChannel() -> UInt32? {
    while cable.read(before: .now) != nil {}
    let nonce = [UInt8](repeating: 0x4E, count: 8)
    let request = HIDMessage(
      channel: ChannelID.broadcast.rawValue, command: FramingCommand.initialize.rawValue,
      payload: nonce)
    guard let answer = exchange(request), answer.payload.count == 17 else { return nil }
    return answer.payload[8..<12].reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Sends a command on a channel, whosever it is; `nil` if the token does not know the channel.
  func send(
    _ instruction: Instruction, p1: UInt8 = 0, p2: UInt8 = 0, _ data: [UInt8], on channel: UInt32
  ) -> HeldToken.Answer? {
    while cable.read(before: .now) != nil {}
    let length = data.isEmpty ? [] : [UInt8(data.count)]
    let message = HIDMessage(
      channel: channel, command: FramingCommand.applet.rawValue,
      payload: [0, instruction.rawValue, p1, p2] + length + data)
    guard let answer = exchange(message), answer.command == message.command else { return nil }
    return HeldToken.Answer(message: answer.payload)
  }

  private func exchange(_ message: HIDMessage) -> HIDMessage? {
    var answers = HIDAssembly()
    for report in message.reports { cable.write(report) }
    while let report = cable.read(before: .now) {
      note(report)
      let answer = answers.take(report)
      if let answer, answer.channel == message.channel,
        answer.command != FramingCommand.keepAlive.rawValue
      {
        return answer
      }
    }
    return nil
  }

  private func note(_ report: Report) {
    let channel = HIDMessage.channel(of: report)
    if channel != ChannelID.broadcast.rawValue { overheard = channel }
  }
}
