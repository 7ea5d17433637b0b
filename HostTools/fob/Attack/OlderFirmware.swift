import OATH
import TokenCore
import TokenSimulator

/// What firmware did before a proof belonged to the program that gave it, in front of Watchfob's core:
/// numbers for channels, proofs that never end and hold for every command, and RESET at once.
///
/// It is played by somebody between the programs and the token, who knows the owner's password: they
/// prove it again before each command of a channel that has proved it once, and give commands the
/// proof that the core wants of each.
struct OlderFirmware {
  private let isNumbered: Bool
  private var random: SeededRandom
  private var last: UInt32 = 0
  /// The core's channels, by the number that the program was given.
  private var channels: [UInt32: UInt32] = [:]
  private var proved: Set<UInt32> = []
  private var key: [UInt8] = []

  init(_ rule: NeighbourRule, seed: UInt64) {
    isNumbered = rule == .numbered
    random = SeededRandom(seed)
  }

  /// Carries a program's message out.
  ///
  /// - Parameter core: sends a message to the core, and waits for its answer; `true` presses the button
  ///   for it.
  mutating func answer(
    _ message: HIDMessage, _ core: (HIDMessage, Bool) -> HIDMessage?
  ) -> HIDMessage? {
    var message = message
    let number = message.channel
    if message.command == FramingCommand.initialize.rawValue {
      return initialize(message, core)
    }
    guard let channel = channels[number] else {
      return HIDMessage(
        channel: number, command: FramingCommand.error.rawValue,
        payload: [FramingError.invalidChannel.rawValue])
    }
    message.channel = channel
    var isReset = false
    if message.command == FramingCommand.applet.rawValue, message.payload.count >= 4 {
      message.payload = allowed(message.payload, number, channel, core)
      isReset = message.payload[1] == Instruction.reset.rawValue
    }
    guard var answer = core(message, isReset) else { return nil }
    if message.command == FramingCommand.applet.rawValue, message.payload.count >= 4 {
      note(message.payload, answer.payload, number)
    }
    answer.channel = number
    return answer
  }

  private mutating func initialize(
    _ message: HIDMessage, _ core: (HIDMessage, Bool) -> HIDMessage?
  ) -> HIDMessage? {
    // On a channel that there is, nothing ends: a program that leaves leaves its proof behind.
    let isNew = message.channel == ChannelID.broadcast.rawValue
    var request = message
    request.channel = ChannelID.broadcast.rawValue
    guard isNew || channels[message.channel] != nil, var answer = core(request, false) else {
      return nil
    }
    var number = message.channel
    if isNew {
      last += 1
      number = isNumbered ? last : UInt32(truncatingIfNeeded: random.next())
      channels[number] = answer.payload[8..<12].reduce(0) { $0 << 8 | UInt32($1) }
    }
    for index in 0..<4 {
      answer.payload[8 + index] = UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * index))
    }
    answer.channel = message.channel
    return answer
  }

  /// The command with all that the core wants for it, if the password was proved on its channel once.
  private func allowed(
    _ command: [UInt8], _ number: UInt32, _ channel: UInt32,
    _ core: (HIDMessage, Bool) -> HIDMessage?
  ) -> [UInt8] {
    func send(_ instruction: Instruction, p1: UInt8 = 0, _ data: [UInt8]) -> HeldToken.Answer? {
      let length = data.isEmpty ? [] : [UInt8(data.count)]
      let answer = core(
        HIDMessage(
          channel: channel, command: FramingCommand.applet.rawValue,
          payload: [0, instruction.rawValue, p1, 0] + length + data), false)
      return answer.flatMap { HeldToken.Answer(message: $0.payload) }
    }
    guard proved.contains(number), let instruction = Instruction(rawValue: command[1]),
      instruction != .validate, !(instruction == .selectOrCalculateAll && command[2] == 4)
    else { return command }
    let name = AppletLimits.applicationIdentifier
    let selection = send(.selectOrCalculateAll, p1: 4, name.indices.map { name[$0] })
    if let nonce = selection?[.challenge] {
      let response = HeldToken.field(.response, HeldToken.code(of: nonce, key))
      _ = send(.validate, response + HeldToken.field(.challenge, 0))
    }
    switch instruction {
    case .setCode, .setPIN, .clockSet:
      guard let nonce = send(.nonce, [])?[.challenge] else { return command }
      let data = Array(command.dropFirst(5))
      let fields = data + HeldToken.proof(of: instruction, nonce: nonce, data, key)
      return Array(command[..<4]) + [UInt8(fields.count)] + fields
    default: return command
    }
  }

  /// Keeps in mind what was proved, and which password is set.
  private mutating func note(_ command: [UInt8], _ answer: [UInt8], _ number: UInt32) {
    guard HeldToken.Answer(message: answer)?.isSuccess == true else { return }
    switch Instruction(rawValue: command[1]) {
    case .validate: proved.insert(number)
    case .selectOrCalculateAll where command[2] == 4: proved.remove(number)
    case .setCode:
      // `73`, its length, the kind, the key.
      let length = Int(command[6])
      key = length > 1 ? Array(command[8..<7 + length]) : []
    default: break
    }
  }
}
