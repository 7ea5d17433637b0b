import Foundation
import OATH
import Testing
import TokenClient
import TokenCore

/// A line of RFC 6238's table, from the file that the tests of OATH use.
struct Vector {
  let time: Int64
  let code: String
  let mode: String
  let secret: String

  var algorithm: HashAlgorithm {
    switch mode {
    case "SHA1": .sha1
    case "SHA256": .sha256
    default: .sha512
    }
  }

  static func all() throws -> [Vector] {
    let file = Image.root.appending(path: "Tests/OATHTests/Vectors/rfc/rfc-6238.txt")
    return try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n\n")
      .compactMap { record in
        var fields: [String: String] = [:]
        for line in record.split(separator: "\n") {
          let parts = line.components(separatedBy: " = ")
          if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        guard let time = fields["TIME"].flatMap({ Int64($0) }) else { return nil }
        return Vector(
          time: time, code: try #require(fields["TOTP"]), mode: try #require(fields["MODE"]),
          secret: try #require(fields["SECRET"]))
      }
  }
}

extension TokenSession {
  /// CLOCK SYNC with a time of our own, which a token without credentials takes (Docs/protocol.md, 6).
  func setClockOfEmptyToken(to seconds: Int64) throws {
    func field(_ tag: TokenCore.Tag, _ value: Int64) -> [UInt8] {
      [tag.rawValue, 8] + withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
    let data = field(.time, seconds * 1_000_000) + field(.bound, 1000)
    let apdu = [0, Instruction.clockSync.rawValue, 0, 0, UInt8(data.count)] + data
    let answer = try framing.transact(.applet, apdu.span)
    try #require(answer.prefix(2) == [0x90, 0x00])
  }
}
