import TokenCore

/// A command to the applet: an instruction, its parameters and its data field, written field by
/// field (Docs/protocol.md, section 3). Wiped when it is done with, because many carry keys.
struct CommandAPDU {
  let instruction: Instruction
  let p1: UInt8
  let p2: UInt8
  private let data = SecretBytes(capacity: AppletLimits.requestSize)

  init(_ instruction: Instruction, p1: UInt8 = 0, p2: UInt8 = 0) {
    self.instruction = instruction
    self.p1 = p1
    self.p2 = p2
  }

  /// Whether it takes the PIN, where one is set, whatever else was proved.
  var isUse: Bool {
    switch instruction {
    case .calculate, .selectOrCalculateAll, .takeRecoveryCode: true
    default: false
    }
  }

  /// Appends a field. All values of all requests together stay below 512 bytes: the longest,
  /// STORE RECOVERY CODES, has 66 + 16 × 26.
  func append(_ tag: Tag, _ value: [UInt8]) {
    begin(tag, length: value.count)
    data.append(value.span)
  }

  func append(_ tag: Tag, _ value: SecretBytes) {
    begin(tag, length: value.count)
    data.append(value)
  }

  /// Eight bytes, most significant first.
  func append(_ tag: Tag, _ number: Int64) {
    append(tag, bigEndian(number))
  }

  /// Begins a field whose `length` bytes, at most 127, follow with `appendRaw`.
  func begin(_ tag: Tag, length: Int) {
    precondition(length < 0x80, "a field of this client's has at most 127 bytes")
    data.append(tag.rawValue)
    data.append(UInt8(length))
  }

  func appendRaw(_ bytes: UInt8...) {
    for byte in bytes { data.append(byte) }
  }

  func appendRaw(_ bytes: SecretBytes) {
    data.append(bytes)
  }

  /// The command as it is sent: short form up to 255 bytes of data, extended beyond.
  func encoded() -> SecretBytes {
    let command = SecretBytes(capacity: 7 + data.count)
    for byte in [0, instruction.rawValue, p1, p2] { command.append(byte) }
    if data.count > 0xFF {
      command.append(0)
      command.append(UInt8(data.count >> 8))
      command.append(UInt8(data.count & 0xFF))
    } else if data.count > 0 {
      command.append(UInt8(data.count))
    }
    command.append(data)
    return command
  }
}

/// The eight bytes of a number, most significant first.
func bigEndian(_ number: Int64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: number >> Int64(56 - 8 * $0)) }
}
