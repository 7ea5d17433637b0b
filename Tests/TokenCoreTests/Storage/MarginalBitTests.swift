import PowerCuts
import Testing

@testable import TokenCore

/// Cuts that are aimed at one step, where random ones would seldom hit.
@Suite("A power cut that leaves marginal bits")
struct MarginalBitTests {
  @Test("while a record is being undone does not bring it back for a while")
  func undoing() throws {
    let empty = FlashStoreModel(sectorCount: 4, sectorSize: 1024)
    var done = empty
    _ = done.write(1, [1, 2, 3])
    var store = try MountedStore(NORFlash(sectorCount: 4, sectorSize: 1024))
    // Begun, header and body are in place, the commit mark is not.
    store.flash.cutPower(after: 3, seed: 1)
    store.flash.tear = .nothing
    try? store.perform(.write(1, [1, 2, 3]))
    let flash = store.powerCycled()
    // The bits of the commit mark are cleared first, if they are cleared at all.
    for seed in UInt64(0)..<60 {
      let place: Comment = "repeat with: seed \(seed)"
      let tear = Tear.bits(0x0E, marginal: 0xF0)
      let torn = flash.cuttingMount(after: 1, seed: seed, tear: tear)
      var store = try MountedStore(torn)
      let values = try store.values()
      #expect(values == empty.values || values == done.values, place)
      for _ in 0..<3 {
        store = try MountedStore(store.powerCycled())
        #expect(try store.values() == values, place)
      }
    }
  }

  @Test("whose traces do not show at first does no harm later")
  func hiddenTraces() throws {
    var before = try MountedStore(NORFlash(sectorCount: 4, sectorSize: 1024))
    try before.perform(.write(1, [1, 1, 1]))
    let flash = before.powerCycled()
    for cut in 0..<7 {
      for seed in UInt64(0)..<16 {
        let place: Comment = "repeat with: cut \(cut), seed \(seed)"
        var store = try MountedStore(flash)
        store.flash.cutPower(after: cut, seed: seed)
        store.flash.tear = .halfway
        try? store.perform(.write(1, [2, 2, 2]))
        store = try MountedStore(store.powerCycled())
        let value = try store.read(1)
        try store.perform(.write(2, [0xFF, 0xFE]))
        for _ in 0..<4 {
          store = try MountedStore(store.powerCycled())
          #expect(try store.values() == [1: value, 2: [0xFF, 0xFE]], place)
        }
      }
    }
  }

  @Test("that leaves a sector with a blank header and something in it gets it erased")
  func notQuiteBlank() throws {
    var store = try MountedStore(NORFlash(sectorCount: 4, sectorSize: 1024))
    try store.perform(.write(1, [1, 2, 3]))
    var flash = store.powerCycled()
    flash.damage(at: 2000, flipping: 0x20)
    store = try MountedStore(flash)
    #expect(store.flash.erasures == [0, 1, 0, 0])
    #expect(store.flash.bytes[2000] == 0xFF)
    #expect(try store.values() == [1: [1, 2, 3]])
  }
}
