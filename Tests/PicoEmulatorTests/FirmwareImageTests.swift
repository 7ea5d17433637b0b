import Foundation
import PicoEmulator
import Testing

@Suite("Firmware images")
struct FirmwareImageTests {
  /// UF2 blocks of 256 bytes each.
  private func uf2(_ bytes: [UInt8], family: UInt32 = 0xE48B_FF56) -> [UInt8] {
    var blocks: [UInt8] = []
    let count = (bytes.count + 255) / 256
    for index in 0..<count {
      let data = bytes[index * 256..<min(index * 256 + 256, bytes.count)]
      var block: [UInt8] = []
      for word in [
        0x0A32_4655, 0x9E5D_5157, 0x2000, 0x1000_0000 + UInt32(index) * 256, 256, UInt32(index),
        UInt32(count), family,
      ] { withUnsafeBytes(of: word.littleEndian) { block += $0 } }
      block += data + [UInt8](repeating: 0xFF, count: 256 - data.count)
      block += [UInt8](repeating: 0, count: 220)
      withUnsafeBytes(of: UInt32(0x0AB1_6F30).littleEndian) { block += $0 }
      blocks += block
    }
    return blocks
  }

  private func flash(_ image: FirmwareImage) -> [UInt8] {
    let pico = Pico(.init(seed: 1))
    pico.install(image)
    return pico.flashBytes(0..<4_096)
  }

  @Test("ELF, UF2 and plain bytes of the same program are the same in flash")
  func formats() throws {
    let source = "  write RESULTS, 7\n done"
    let binary = try flash(FirmwareImage(parsing: Assembler.binary(source)))
    #expect(try flash(FirmwareImage(parsing: uf2(Assembler.binary(source)))) == binary)
    var elf = try flash(FirmwareImage(parsing: Assembler.elf(source)))
    // The linker knows nothing of the checksum.
    elf.replaceSubrange(252..<256, with: binary[252..<256])
    #expect(elf == binary)
  }

  @Test("files that are damaged or for something else are refused")
  func refused() throws {
    let elf = try Assembler.elf("  done")
    let binary = try Assembler.binary("  done")
    var other = elf
    other[18] = 3
    #expect(throws: FirmwareImage.Failure.self) { try FirmwareImage(parsing: other) }
    #expect(throws: FirmwareImage.Failure.self) { try FirmwareImage(parsing: Array(elf[..<60])) }
    #expect(throws: FirmwareImage.Failure.self) {
      try FirmwareImage(parsing: uf2(binary, family: 0xADA5_2840))
    }
    #expect(throws: FirmwareImage.Failure.self) {
      try FirmwareImage(parsing: Array(uf2(binary).dropLast()))
    }
    #expect(throws: FirmwareImage.Failure.empty) { try FirmwareImage(parsing: []) }
    #expect(throws: FirmwareImage.Failure.self) {
      try FirmwareImage(parsing: [UInt8](repeating: 1, count: Pico.flashSize + 1))
    }
    #expect(throws: FirmwareImage.Failure.unreadable(error: ENOENT)) {
      try FirmwareImage(file: "/nowhere/at/all")
    }
  }

  @Test("no ELF or UF2 file makes it stumble, whatever is wrong with it")
  func damaged() throws {
    let files = try [Assembler.elf("  done"), uf2(Assembler.binary("  done"))]
    for seed in 0..<2_000 {
      var generator = Numbers(seed: seed)
      var bytes = files[seed % 2]
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        bytes[Int.random(in: 4..<min(bytes.count, 600), using: &generator)] =
          UInt8.random(in: 0...255, using: &generator)
      }
      if Bool.random(using: &generator) {
        bytes.removeLast(Int.random(in: 0..<bytes.count - 4, using: &generator))
      }
      guard let image = try? FirmwareImage(parsing: bytes) else { continue }
      for segment in image.segments {
        #expect(
          segment.offset + segment.bytes.count <= Pico.flashSize, "repeat with: \(seed)")
      }
    }
  }
}

/// Numbers that are the same for a seed in every run.
struct Numbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: Int) {
    state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
  }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_F491_4F6C_DD1D
  }
}
