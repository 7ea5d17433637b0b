import OATH
import TokenCore
import TokenSimulator

/// A token in somebody's hand: its wire, its cable, its battery, and the moment at which its power
/// goes. More than that an attacker here does not have.
final class HeldToken {
  struct Answer {
    let status: UInt16
    let data: [UInt8]

    init(status: UInt16, data: [UInt8]) {
      self.status = status
      self.data = data
    }

    /// As it comes over HID: the status word, then the data; `nil` if it is too short.
    init?(message: [UInt8]) {
      guard message.count >= 2 else { return nil }
      self.init(status: UInt16(message[0]) << 8 | UInt16(message[1]), data: Array(message[2...]))
    }

    var isSuccess: Bool { status == StatusWord.success.rawValue }

    /// The value of the first field with that tag, of less than 128 bytes.
    subscript(tag: Tag) -> [UInt8]? {
      var rest = data[...]
      while rest.count >= 2 {
        let length = Int(rest[rest.startIndex + 1])
        guard length < 0x80, rest.count >= 2 + length else { return nil }
        let value = rest.dropFirst(2).prefix(length)
        if rest.first == tag.rawValue { return Array(value) }
        rest = rest.dropFirst(2 + length)
      }
      return nil
    }
  }

  /// The true time.
  private(set) var now: UnixTime
  private var token: SimulatedToken

  init(_ board: SimulatedBoard, now: UnixTime) {
    self.now = now
    token = SimulatedToken(board: board)
    select()
  }

  /// The same token once more, on its cable anew, to try something with.
  func copy() -> HeldToken { copy(afterPowerCut: nil) }

  /// The same, with its power back; and gone once more within the operation of its start after the
  /// next `operations`.
  func copy(afterPowerCut operations: Int?) -> HeldToken {
    var board = token.board
    board.flash.restorePower()
    if let operations { board.flash.cutPower(after: operations, seed: UInt64(operations)) }
    return HeldToken(board, now: now)
  }

  func pass(seconds: Int64) {
    now = now + Microseconds(seconds * 1_000_000)
    token.advance(by: TrueTicks(Microseconds(seconds * 1_000_000)))
    token.poll()
  }

  // MARK: The wire

  /// Sends a command and waits for its answer; `nil` if the power went before it came.
  @discardableResult
  func send(_ instruction: Instruction, p1: UInt8 = 0, p2: UInt8 = 0, _ data: [UInt8]) -> Answer? {
    precondition(data.count < 0x100)
    let length = data.isEmpty ? [] : [UInt8(data.count)]
    guard token.receive(apdu: [0, instruction.rawValue, p1, p2] + length + data) else { return nil }
    // A touch would be wanted here at most, and no credential of these wants one.
    for _ in 0..<100 {
      token.poll()
      guard let response = token.nextCardResponse() else { continue }
      guard !token.board.flash.isOff, response.count >= 2 else { return nil }
      let status = response.suffix(2).reduce(UInt16(0)) { $0 << 8 | UInt16($1) }
      return Answer(status: status, data: response.dropLast(2))
    }
    return nil
  }

  static func field(_ tag: Tag, _ value: [UInt8]) -> [UInt8] {
    [tag.rawValue, UInt8(value.count)] + value
  }

  static func field(_ tag: Tag, _ number: Int64) -> [UInt8] {
    field(tag, (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) })
  }

  static func time(_ time: UnixTime, uncertainty: Microseconds = .zero) -> [UInt8] {
    field(.time, time.microseconds) + field(.bound, uncertainty.rawValue)
  }

  @discardableResult
  private func select() -> Answer? {
    let name = AppletLimits.applicationIdentifier
    return send(.selectOrCalculateAll, p1: 4, name.indices.map { name[$0] })
  }

  // MARK: Hands

  /// Operations of the flash so far.
  var flashOperations: Int {
    let flash = token.board.flash
    return flash.programCount + flash.eraseCount
  }

  /// Lets the power go within the operation after the next `operations`, counted from the restart that
  /// this takes.
  func restart(cutAfter operations: Int? = nil, seed: UInt64 = 0) {
    var board = token.board
    board.flash.restorePower()
    if let operations { board.flash.cutPower(after: operations, seed: seed) }
    token.restore(board)
    if !board.flash.isOff { select() }
  }

  func pullBattery() {
    token.unplug()
    token.setBattery(present: false)
    token.plug()
    select()
  }

  /// Proves an access key that one knows.
  @discardableResult
  func validate(_ key: [UInt8]) -> Bool {
    guard let challenge = select()?[.challenge] else { return false }
    let own = [UInt8](repeating: 7, count: 8)
    let fields =
      Self.field(.response, Self.code(of: challenge, key)) + Self.field(.challenge, own)
    return send(.validate, fields)?.isSuccess ?? false
  }

  /// SET CODE's fields for a key.
  static func accessKey(_ key: [UInt8]) -> [UInt8] {
    let challenge = [UInt8](repeating: 9, count: 8)
    return field(.key, [0x20 | HashAlgorithm.sha1.rawValue] + key)
      + field(.challenge, challenge) + field(.response, code(of: challenge, key))
  }

  /// CLOCK SET with its own proof under a key.
  func setClock(to time: UnixTime, with key: [UInt8]) -> Answer? {
    guard let nonce = send(.nonce, [])?[.challenge] else { return nil }
    let fields = Self.time(time)
    return send(.clockSet, fields + Self.proof(of: .clockSet, nonce: nonce, fields, key))
  }

  /// A command's own proof, the last of its fields.
  static func proof(
    of instruction: Instruction, nonce: [UInt8], _ fields: [UInt8], _ key: [UInt8]
  ) -> [UInt8] {
    field(.proof, code(of: [instruction.rawValue] + nonce + fields, key))
  }

  static func code(of message: [UInt8], _ key: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 64)
    var span = code.mutableSpan
    let count = OATHKey(algorithm: .sha1, secret: key.span)
      .authenticationCode(of: message.span, into: &span)
    return Array(code.prefix(count))
  }
}
