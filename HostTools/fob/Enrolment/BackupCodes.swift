import OATH
import TokenClient
import TokenCore

/// The backup codes that a site shows once, on their way to the token.
enum BackupCodes {
  /// From a file, one a line; empty lines do not count.
  static func read(_ file: String) throws(FobError) -> [SecretBytes] {
    var lines = try TextFile.lines(of: file)
    var codes: [SecretBytes] = []
    for index in lines.indices {
      if let code = code(&lines[index]) { codes.append(code) }
    }
    guard !codes.isEmpty else {
      throw FobError(.badInput, "There are no backup codes in '\(Printable.text(file))'.")
    }
    return try checked(codes)
  }

  /// From standard input, one a line, up to an empty line or the end.
  static func ask(_ console: Console) throws(FobError) -> [SecretBytes] {
    console.note("Type or paste the backup codes, one a line, and an empty line after the last.")
    var codes: [SecretBytes] = []
    while var line = try SignalHold.during({ () throws(FobError) in try console.input.line() }) {
      guard let code = code(&line) else { break }
      codes.append(code)
    }
    return try checked(codes)
  }

  /// A code without the spaces around it; nil for an empty line. The line is wiped.
  private static func code(_ line: inout [UInt8]) -> SecretBytes? {
    defer { wipe(&line) }
    func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    guard let first = line.firstIndex(where: { !isSpace($0) }),
      let last = line.lastIndex(where: { !isSpace($0) })
    else { return nil }
    var code = Array(line[first...last])
    return SecretBytes(taking: &code)
  }

  /// What the token would refuse is refused here, before anything has changed.
  private static func checked(_ codes: [SecretBytes]) throws(FobError) -> [SecretBytes] {
    guard codes.count <= AppletLimits.recoveryCodes else {
      throw FobError(.input(.tooManyRecoveryCodes(codes.count)))
    }
    for (index, code) in codes.enumerated() {
      let isFit = code.withBytes { bytes in
        (1...AppletLimits.recoveryCodeSize).contains(bytes.count)
          && bytes.indices.allSatisfy { (0x20...0x7E).contains(bytes[$0]) }
      }
      guard isFit else { throw FobError(.input(.recoveryCodeUnfit(position: index + 1))) }
    }
    return codes
  }
}
