import Testing

@testable import TokenCore

@Suite("Formatting")
struct FormattingTests {
  static func expectForeign(_ flash: NORFlash, _ comment: Comment? = nil) {
    var flash = flash
    let bytes = flash.bytes
    var store = RecordStore()
    #expect(throws: StorageFailure.foreign, comment) { try store.mount(&flash) }
    #expect(flash.bytes == bytes, comment)
    let key = RecordKey.clock
    #expect(throws: StorageFailure.failed, comment) {
      try store.write(key, [1, 2, 3].span, to: &flash)
    }
    #expect(flash.bytes == bytes, comment)
  }

  @Test("erased flash becomes an empty store")
  func erased() throws {
    var store = try MountedStore(NORFlash(sectorCount: 4, sectorSize: 1024))
    #expect(try store.values().isEmpty)
  }

  @Test("flash with anything else in it is refused and left alone")
  func foreign() {
    var random = SplitMix(seed: 5)
    for round in 0..<20 {
      var flash = NORFlash(sectorCount: 4, sectorSize: 1024)
      for _ in 0..<(1 << (round / 2)) {
        flash.damage(at: .random(in: 32..<4096, using: &random), flipping: 0x40)
      }
      if flash.bytes.contains(0xBF) {
        Self.expectForeign(flash, "repeat with: seed 5, round \(round)")
      }
    }
    var zeros = NORFlash(sectorCount: 4, sectorSize: 1024)
    for address in zeros.bytes.indices { zeros.damage(at: address, flipping: 0xFF) }
    Self.expectForeign(zeros)
  }

  @Test("a store of another geometry or format is refused and left alone")
  func otherGeometry() throws {
    var store = try MountedStore(NORFlash(sectorCount: 4, sectorSize: 2048))
    try store.perform(.write(1, [1, 2, 3]))
    let flash = store.powerCycled()
    Self.expectForeign(NORFlash(flash, sectorCount: 8, sectorSize: 1024))

    var newer = flash
    for sector in 0..<4 { newer.damage(at: sector * 2048 + 4, flipping: 0x03) }
    Self.expectForeign(newer)
  }

  @Test("cut at any operation is taken up again by the next mount")
  func cut() throws {
    let erased = NORFlash(sectorCount: 5, sectorSize: 1024)
    let operations = try MountedStore(erased).flash.operations
    for cut in 0..<operations {
      for seed in UInt64(1)...12 {
        let place: Comment = "repeat with: cut \(cut), tear \(seed)"
        let once = PowerCutTests.cutMount(of: erased, after: cut, seed: seed).resolved()
        let twice = PowerCutTests.cutMount(of: once, after: cut / 2, seed: seed &+ 100)
        var store = try MountedStore(twice)
        #expect(try store.values().isEmpty, place)
        try store.perform(.write(3, [1, 2, 3]))
        store = try MountedStore(store.powerCycled())
        #expect(try store.values() == [3: [1, 2, 3]], place)
        let violations = store.flash.violations
        #expect(violations == [], place)
      }
    }
  }
}
