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

/// What `Firmware/stack-bound` computes, and where the linker put the stack.
struct StackBound {
  let deepest: Int
  let bottom: UInt32
  let top: UInt32

  init(of image: String) throws {
    let text = try Self.output(Image.root.appending(path: "Firmware/stack-bound").path, image)
    deepest = try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    let symbols = try Self.output("/usr/bin/env", "nm", image).split(separator: "\n")
    func symbol(_ name: String) throws -> UInt32 {
      let line = try #require(symbols.first { $0.hasSuffix(" \(name)") })
      return try #require(UInt32(line.prefix { $0 != " " }, radix: 16))
    }
    bottom = try symbol("stack_bottom")
    top = try symbol("stack_top")
  }

  private static func output(_ program: String, _ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self)
  }
}
