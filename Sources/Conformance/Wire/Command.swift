import TokenCore

/// A command APDU (Docs/protocol.md, section 3), right or wrong.
struct Command {
  let instruction: UInt8
  var p1: UInt8 = 0
  var p2: UInt8 = 0
  var data: [UInt8] = []
  /// The bytes as they are sent, where they do not follow from the rest.
  private var raw: [UInt8]?
  /// Whether it carries something that is the person's, and is not to be shown.
  private(set) var isPrivate = false

  init(_ instruction: Instruction, p1: UInt8 = 0, p2: UInt8 = 0, _ data: [UInt8] = []) {
    self.instruction = instruction.rawValue
    self.p1 = p1
    self.p2 = p2
    self.data = data
  }

  /// A command as no table has it. Never RESET: a token that took it for one would be wiped.
  init(raw: [UInt8]) {
    instruction = raw.count > 1 ? raw[1] : 0
    precondition(raw.count < 4 || instruction != Instruction.reset.rawValue)
    self.raw = raw
  }

  /// The same with its data kept out of every report.
  var kept: Command {
    var copy = self
    copy.isPrivate = true
    return copy
  }

  /// Short up to 255 bytes of data, extended beyond.
  var bytes: [UInt8] {
    if let raw { return raw }
    let header = [0, instruction, p1, p2]
    if data.isEmpty { return header }
    if data.count <= 0xFF { return header + [UInt8(data.count)] + data }
    return header + [0, UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data
  }
}

extension Command: CustomStringConvertible {
  var description: String {
    if let raw { return "the APDU \(hexadecimal(raw, limit: 20)) of \(raw.count) bytes" }
    let name = Instruction(rawValue: instruction)?.words(p1: p1) ?? "instruction"
    let header = "\(name) (\(hexadecimal([0, instruction, p1, p2])))"
    if data.isEmpty { return header }
    return header + " with \(data.count) bytes" + (isPrivate ? "" : ": \(hexadecimal(data))")
  }
}

/// What the applet answered: the status word, and the data behind it.
struct Answer {
  let word: UInt16
  let data: [UInt8]

  /// - Returns: `nil` for a message without a status word.
  init?(_ message: [UInt8]) {
    guard message.count >= 2 else { return nil }
    word = UInt16(number(message.prefix(2)))
    data = Array(message.dropFirst(2))
  }

  var words: String {
    StatusWord.words(word) + (data.isEmpty ? "" : " and \(data.count) bytes")
  }
}

extension StatusWord {
  /// A status word as a report shows it: `6A80 (wrongData)`.
  static func words(_ word: UInt16) -> String {
    let name = StatusWord(rawValue: word).map { " (\($0))" } ?? ""
    return hexadecimal(word) + name
  }
}

extension Instruction {
  /// The command's name as Docs/protocol.md has it.
  func words(p1: UInt8) -> String {
    switch self {
    case .put: "PUT"
    case .delete: "DELETE"
    case .setCode: "SET CODE"
    case .reset: "RESET"
    case .rename: "RENAME"
    case .list: "LIST"
    case .calculate: "CALCULATE"
    case .validate: "VALIDATE"
    case .selectOrCalculateAll: p1 == 4 ? "SELECT" : "CALCULATE ALL"
    case .sendRemaining: "SEND REMAINING"
    case .verifyPIN: "VERIFY PIN"
    case .changePIN: "CHANGE PIN"
    case .setPIN: "SET PIN"
    case .clockStatus: "CLOCK STATUS"
    case .clockSync: "CLOCK SYNC"
    case .clockSet: "CLOCK SET"
    case .setClockPolicy: "CLOCK POLICY"
    case .stage: "STAGE"
    case .commit: "COMMIT"
    case .rollBack: "ROLL BACK"
    case .calculateStaged: "CALCULATE STAGED"
    case .storeRecoveryCodes: "STORE RECOVERY CODES"
    case .takeRecoveryCode: "TAKE RECOVERY CODE"
    case .countRecoveryCodes: "COUNT RECOVERY CODES"
    case .nonce: "NONCE"
    case .information: "INFORMATION"
    }
  }
}
