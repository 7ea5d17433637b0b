import Testing
import TokenCore

@testable import PicoBoard

@Suite struct StorageTests {
  @Test("the storage ends where the flash ends, on a sector's boundary")
  func place() {
    #expect(StorageArea.start % StorageArea.sectorSize == 0)
    #expect(
      StorageArea.start + StorageArea.sectorCount * StorageArea.sectorSize == 2 * 1_024 * 1_024)
  }

  @Test(
    "programs of any place and length clear the bits meant and no others, a page at a time",
    arguments: 1...30 as ClosedRange<UInt64>)
  func programs(seed: UInt64) {
    var generator = Generator(seed: seed)
    var flash = FlashModel()
    var model = [UInt8](repeating: 0xFF, count: StorageArea.sectorCount * StorageArea.sectorSize)
    for _ in 0..<20 {
      let address = Int.random(in: 0..<model.count, using: &generator)
      // Not across a sector's end, as the store promises.
      let room = StorageArea.sectorSize - address % StorageArea.sectorSize
      let count = min(room, Int.random(in: 0...700, using: &generator))
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      StorageArea.program(at: address, bytes.span, &flash)
      for (index, byte) in bytes.enumerated() { model[address + index] &= byte }
    }
    let sector = Int.random(in: 0..<StorageArea.sectorCount, using: &generator)
    StorageArea.erase(sector: sector, &flash)
    for index in 0..<StorageArea.sectorSize {
      model[sector * StorageArea.sectorSize + index] = 0xFF
    }

    var read = [UInt8](repeating: 0, count: model.count)
    var span = read.mutableSpan
    StorageArea.read(at: 0, into: &span, &flash)
    #expect(read == model, "repeat with: seed \(seed)")
    #expect(flash.bytes[..<StorageArea.start].allSatisfy { $0 == 0xFF })
  }

  @Test("a token keeps what it was told over a loss of power, and says that it lost the time")
  func powerLoss() throws {
    let flash = FlashModel()
    // CLOCK SYNC: a time, taken freely, and its uncertainty; PUT: "name", TOTP with SHA-1.
    let sync: [UInt8] =
      [0, 0x51, 0, 0, 20, 0xD0, 8, 0, 6, 0, 0, 0, 0, 0, 0, 0xD1, 8, 0, 0, 0, 0, 0, 0, 0, 1]
    let put: [UInt8] =
      [0, 0x01, 0, 0, 26, 0x71, 4] + Array("name".utf8) + [0x73, 18, 0x21, 6] + (1...16)
    var names: [[UInt8]] = []
    var clocks: [ClockState?] = []
    for seed in 1...2 as ClosedRange<UInt64> {
      let firmware = Firmware(seed: seed, flash: flash)
      #expect(firmware.host.enumerate())
      let channel = try #require(firmware.openChannel())
      if seed == 1 {
        #expect(firmware.exchange(0x70, sync, on: channel)?.prefix(2) == [0x90, 0])
        #expect(firmware.exchange(0x70, put, on: channel) == [0x90, 0])
      }
      names.append(try #require(firmware.exchange(0x70, [0, 0xA1, 0, 0], on: channel)))
      let status = try #require(firmware.exchange(0x70, [0, 0x50, 0, 0], on: channel))
      #expect(status[2..<4] == [0xD2, 1])
      clocks.append(ClockState(rawValue: status[4]))
      #expect(firmware.chip.violations == [])
    }
    #expect(names[0].suffix(4) == Array("name".utf8)[...])
    #expect(names[0] == names[1])
    #expect(clocks == [.running, .lost])
  }
}
