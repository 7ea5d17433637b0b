import Foundation
import PicoEmulator
import Synchronization

/// Makes firmware of Thumb instructions, with the assembler and the linker of the Swift toolchain.
enum Assembler {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private static let made = Mutex<[String: [UInt8]]>([:])

  /// An image with a second stage that reads flash by the command 03h, and vectors for `start` and
  /// for whichever handlers `source` defines.
  static func image(_ source: String) throws -> FirmwareImage {
    try FirmwareImage(binary: binary(source))
  }

  static func binary(_ source: String) throws -> [UInt8] {
    try made.withLock { made in
      if let image = made[source] { return image }
      let image = try withChecksum(flatten(elf(source)))
      made[source] = image
      return image
    }
  }

  private static let layout = """
    ENTRY(start)
    SECTIONS {
      .boot2 0x10000000 : { *(.boot2) }
      .vectors 0x10000100 : { *(.vectors) }
      .text 0x10000200 : { *(.text) }
      /DISCARD/ : { *(.ARM.*) }
    }
    """

  /// The linked file; its second stage has no checksum.
  static func elf(_ source: String) throws -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "watchfob-thumb-\(UUID().uuidString)", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = { (name: String) in folder.appending(path: name).path }
    try Data((Prelude.text + source + "\n").utf8).write(to: URL(filePath: path("program.s")))
    try run("clang", "--target=armv6m-none-eabi", "-c", path("program.s"), "-o", path("program.o"))
    try Data(layout.utf8).write(to: URL(filePath: path("layout.ld")))
    try run("ld.lld", "-T", path("layout.ld"), path("program.o"), "-o", path("program"))
    return try Array(Data(contentsOf: URL(filePath: path("program"))))
  }

  private static func flatten(_ elf: [UInt8]) throws -> [UInt8] {
    let segments = try FirmwareImage(parsing: elf).segments
    let end = segments.map { $0.offset + $0.bytes.count }.max() ?? 0
    var bytes = [UInt8](repeating: 0xFF, count: end)
    for segment in segments {
      bytes.replaceSubrange(
        segment.offset..<segment.offset + segment.bytes.count, with: segment.bytes)
    }
    return bytes
  }

  /// The boot ROM's checksum, computed bit by bit as its description goes.
  static func withChecksum(_ image: [UInt8]) -> [UInt8] {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in image[..<252] {
      for bit in (0..<8).reversed() {
        let feedback = sum >> 31 ^ UInt32(byte >> UInt8(bit) & 1)
        sum = sum << 1 ^ (feedback == 1 ? 0x04C1_1DB7 : 0)
      }
    }
    var image = image
    withUnsafeBytes(of: sum.littleEndian) { image.replaceSubrange(252..<256, with: $0) }
    return image
  }

  private static func run(_ tool: String, _ arguments: String...) throws {
    let process = Process()
    process.executableURL = try toolchain().appending(path: tool)
    process.arguments = arguments
    let output = Pipe()
    process.standardError = output
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(tool): \(String(decoding: text, as: UTF8.self))")
    }
  }

  /// The folder that `swiftc` is really in.
  private static func toolchain() throws -> URL {
    for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
      let compiler = URL(filePath: String(folder)).appending(path: "swiftc")
      guard FileManager.default.isExecutableFile(atPath: compiler.path) else { continue }
      return compiler.resolvingSymlinksInPath().deletingLastPathComponent()
    }
    throw Failure(description: "there is no swiftc on the PATH")
  }
}
