import Foundation
import Testing

/// What the build says of an image's stack: where it lies, and how deep it can go.
struct StackBound {
  /// Bytes, at most.
  let deepest: Int
  let bottom: UInt32
  let top: UInt32

  init(of image: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try Self.output(root.appending(path: "Firmware/stack-bound").path, image)
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
