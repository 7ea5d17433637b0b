import PowerCuts
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
        let once = erased.cuttingMount(after: cut, seed: seed).resolved()
        let twice = once.cuttingMount(after: cut / 2, seed: seed &+ 100)
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

  /// Flash that a reformat may meet: a store, a damaged one, and something else.
  static func flashToReformat(_ kind: Int) throws -> NORFlash {
    var store = try MountedStore(NORFlash(sectorCount: 4, sectorSize: 1024))
    // Enough that three sectors count.
    for round in UInt8(0)..<60 {
      try store.perform(.write(Int(round % 5), Array(repeating: round, count: 100)))
    }
    var flash = store.powerCycled()
    switch kind {
    case 0:
      break
    case 1:
      // One header: any but that of the sector that is blank.
      let blank = (0..<4).first { flash.bytes[$0 * 1024 + 12] == 0xFF }!
      flash.damage(at: (blank + 2) % 4 * 1024, flipping: 0x10)
    case 2:
      for sector in 0..<4 { flash.damage(at: sector * 1024, flipping: 0x10) }
    default:
      for address in flash.bytes.indices { flash.damage(at: address, flipping: 0x10) }
    }
    return flash
  }

  @Test("a reformat cut anywhere leaves all, nothing, or flash that is refused", arguments: 0..<4)
  func reformat(kind: Int) throws {
    let flash = try Self.flashToReformat(kind)
    let values = try? MountedStore.values(in: flash)
    #expect((values != nil) == (kind == 0))
    var whole = flash
    var store = RecordStore()
    try store.reformat(&whole)
    #expect(try MountedStore.values(in: whole) == [:])
    let operations = whole.operations - flash.operations
    for cut in 0..<operations {
      for seed in UInt64(1)...4 {
        let place: Comment = "repeat with: flash \(kind), cut \(cut), tear \(seed)"
        var torn = flash
        torn.cutPower(after: cut, seed: seed)
        var store = RecordStore()
        try? store.reformat(&torn)
        torn.powerUp()
        if let found = try? MountedStore.values(in: torn) {
          #expect(found == [:] || found == values, place)
        }
        try store.reformat(&torn)
        #expect(try MountedStore.values(in: torn) == [:], place)
      }
    }
  }
}
