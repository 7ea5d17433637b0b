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

  /// Whether it carries its own proof, over a nonce that serves once.
  private(set) var hasOwnProof = false

  /// Whether it answers a nonce of its channel, so that it is good on no other.
  var isBoundToChannel: Bool { hasOwnProof || instruction == .validate }

  /// What a command does with credentials, and so what has to be proved for it (the lock matrix of
  /// Docs/protocol.md).
  enum Access {
    /// Nothing has to be proved, or the command carries its own proof.
    case free
    /// Either the password or the PIN will do.
    case look
    /// Takes the PIN where one is set, else the password.
    case use
    /// Takes the password where one is set, else the PIN.
    case provisioning
  }

  var access: Access {
    switch instruction {
    case .calculate, .takeRecoveryCode: .use
    case .selectOrCalculateAll: p1 == 0 ? .use : .free
    case .list, .rollBack, .countRecoveryCodes, .sendRemaining: .look
    case .put, .delete, .rename, .stage, .commit, .calculateStaged, .storeRecoveryCodes,
      .setClockPolicy:
      .provisioning
    case .setCode, .reset, .validate, .verifyPIN, .changePIN, .setPIN, .clockStatus, .clockSync,
      .clockSet, .nonce, .information:
      .free
    }
  }

  /// The command with its own proof as its last field: HMAC under the access key over the
  /// instruction, the nonce and all fields before.
  func proved(by key: AccessKey, over nonce: [UInt8]) -> CommandAPDU {
    var command = CommandAPDU(instruction, p1: p1, p2: p2)
    command.data.append(data)
    command.hasOwnProof = true
    let message = SecretBytes(capacity: 1 + nonce.count + data.count)
    message.append(instruction.rawValue)
    message.append(nonce.span)
    message.append(data)
    command.append(.proof, key.response(to: message))
    return command
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

  /// Begins a field whose `length` bytes, at most 255, follow with `appendRaw`.
  func begin(_ tag: Tag, length: Int) {
    precondition(length < 0x100, "a field of this client's has at most 255 bytes")
    data.append(tag.rawValue)
    if length >= 0x80 { data.append(0x81) }
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
