import Foundation
import Testing

/// The scripts that make of a linked image what the boot ROM and the Pico's drive take.
@Suite struct ImageToolTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Firmware/Boards/Pico")

  private func run(_ tool: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = Self.folder.appendingPathComponent(tool)
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  private func withFile<R>(_ bytes: [UInt8], _ body: (URL) throws -> R) throws -> R {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try body(file)
  }

  /// By polynomial division of the message and the register's start, bit by bit.
  private func remainder(_ bytes: [UInt8]) -> UInt32 {
    var register: UInt32 = .max
    for byte in bytes {
      for bit in (0..<8).reversed() {
        let carry = register >> 31 ^ UInt32(byte >> UInt8(bit) & 1)
        register = register << 1 ^ (carry == 1 ? 0x04C1_1DB7 : 0)
      }
    }
    return register
  }

  @Test("a sealed second stage has its bytes, and their checksum behind them")
  func seal() throws {
    // The check value that catalogues of checksums give for this one (CRC-32/MPEG-2).
    #expect(remainder(Array("123456789".utf8)) == 0x0376_E6E7)
    var generator = Generator(seed: 7)
    let stage = (0..<256).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let sealed = try withFile(stage) { file in
      let status = try run("seal", [file.path])
      #expect(status == 0)
      return [UInt8](try Data(contentsOf: file))
    }
    #expect(sealed.count == 256)
    #expect(sealed.prefix(252) == stage.prefix(252))
    let checksum = sealed.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    #expect(checksum == remainder(Array(stage.prefix(252))))
  }

  @Test("what is no second stage is not sealed", arguments: [0, 255, 257])
  func sealRefuses(size: Int) throws {
    try withFile([UInt8](repeating: 0, count: size)) { file in
      let status = try run("seal", [file.path])
      let left = try Data(contentsOf: file).count
      #expect(status != 0 && left == size)
    }
  }

  @Test(
    "the blocks of a UF2 file hold the whole image, in order, for this chip",
    arguments: [1, 255, 256, 257, 3_000])
  func uf2(size: Int) throws {
    var generator = Generator(seed: UInt64(size))
    let image = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let file = try withFile(image) { file in
      try withFile([]) { output in
        let status = try run("uf2", [file.path, output.path])
        #expect(status == 0)
        return [UInt8](try Data(contentsOf: output))
      }
    }
    #expect(file.count % 512 == 0)
    let count = file.count / 512
    var found: [UInt8] = []
    for index in 0..<count {
      let block = Array(file[512 * index..<512 * (index + 1)])
      func word(_ offset: Int) -> UInt32 {
        block[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
      }
      #expect(word(0) == 0x0A32_4655 && word(4) == 0x9E5D_5157 && word(508) == 0x0AB1_6F30)
      #expect(word(8) == 0x2000 && word(28) == 0xE48B_FF56)
      #expect(word(12) == 0x1000_0000 + UInt32(256 * index) && word(16) == 256)
      #expect(word(20) == UInt32(index) && word(24) == UInt32(count))
      found += block[32..<288]
    }
    #expect(found.count - image.count < 256)
    #expect(Array(found.prefix(size)) == image)
  }
}
