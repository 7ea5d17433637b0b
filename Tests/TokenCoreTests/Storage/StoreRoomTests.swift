import PowerCuts
import Testing

@testable import TokenCore

@Suite("Room and wear of the record store")
struct StoreRoomTests {
  /// Everything that a token may have to remember, in the board's flash.
  static func fullStore() throws -> MountedStore {
    var store = try MountedStore(NORFlash(sectorCount: 32, sectorSize: 4096))
    for slot in 0..<64 {
      try store.perform(.write(slot, filling(170, slot)))
      try store.perform(.write(64 + slot, filling(12, slot)))
      try store.perform(.write(128 + slot, filling(420, slot)))
    }
    for key in 192..<195 { try store.perform(.write(key, filling(64, key))) }
    return store
  }

  static func filling(_ count: Int, _ number: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) }
  }

  @Test("a full token's records fit at once, and can all be written again")
  func fullTokenFits() throws {
    var store = try Self.fullStore()
    for slot in 0..<64 { try store.perform(.write(128 + slot, Self.filling(420, slot + 1))) }
    store = try MountedStore(store.powerCycled())
    #expect(try store.values().count == 195)
    for slot in 0..<64 {
      #expect(try store.read(slot) == Self.filling(170, slot))
      #expect(try store.read(128 + slot) == Self.filling(420, slot + 1))
    }
  }

  @Test("counter writes on a full token wear all sectors alike, and cost an erasure in 60 at most")
  func wearIsEven() throws {
    var store = try Self.fullStore()
    let writes = 8_000
    var most = 0
    for write in 0..<writes {
      let before = store.flash.erasures.reduce(0, +)
      // One credential that is used all day, and the others now and then.
      let slot = write % 4 == 0 ? write / 4 % 64 : 7
      try store.perform(.write(64 + slot, Self.filling(12, write)))
      most = max(most, store.flash.erasures.reduce(0, +) - before)
    }
    let erasures = store.flash.erasures
    #expect(erasures.reduce(0, +) * 60 <= writes)
    #expect(erasures.min()! >= 2)
    #expect(erasures.max()! - erasures.min()! <= 1)
    // What is not changing is carried past once in a round, at most all of it in one operation.
    #expect(most <= 16)
    let violations = store.flash.violations
    #expect(violations == [])
  }

  @Test("two of the largest values fit the smallest flash, and can be replaced for ever")
  func smallestFlash() throws {
    var store = try MountedStore(NORFlash(sectorCount: 4, sectorSize: 1024))
    for round in 0..<100 {
      try store.perform(.write(0, Self.filling(480, round)))
      try store.perform(.write(1, Self.filling(480, round + 1)))
    }
    #expect(throws: StorageFailure.full) { try store.perform(.write(2, Self.filling(480, 0))) }
    #expect(try store.read(0) == Self.filling(480, 99))
    #expect(try store.read(1) == Self.filling(480, 100))
    #expect(try store.read(2) == nil)
  }

  @Test("the store itself takes half a kilobyte of RAM")
  func memory() {
    #expect(MemoryLayout<RecordStore>.size <= 512)
  }
}
