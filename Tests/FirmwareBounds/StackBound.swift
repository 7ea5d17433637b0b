import Foundation

/// What the build says of an image's stack: where the linker put it, and how deep `Firmware/stack-bound` says
/// that it can go. For the tests of every board.
public struct StackBound {
  /// Bytes, at most.
  public let deepest: Int
  public let bottom: UInt32
  public let top: UInt32

  /// A program that failed, or said something else than expected.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  public init(of image: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try Self.output(root.appending(path: "Firmware/stack-bound").path, image)
    guard let deepest = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw Failure(description: "Firmware/stack-bound said '\(text)' of \(image)")
    }
    self.deepest = deepest
    let symbols = try Self.output("/usr/bin/env", "nm", image).split(separator: "\n")
    func symbol(_ name: String) throws -> UInt32 {
      guard let line = symbols.first(where: { $0.hasSuffix(" \(name)") }),
        let address = UInt32(line.prefix { $0 != " " }, radix: 16)
      else { throw Failure(description: "nm finds no \(name) in \(image)") }
      return address
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
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(program) \(arguments) ended with \(process.terminationStatus)")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
