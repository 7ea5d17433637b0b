import PowerCuts
import Testing

@testable import TokenCore

@Suite("On worn or damaged flash")
struct WornFlashTests {
  static let old: [UInt8] = Array(repeating: 0xA5, count: 20)
  static let new: [UInt8] = Array(repeating: 0x3C, count: 20)
  static let other: [UInt8] = Array(repeating: 0x99, count: 30)

  static func store() throws -> MountedStore {
    var store = try MountedStore(NORFlash(sectorCount: 4, sectorSize: 1024))
    try store.perform(.write(2, other))
    try store.perform(.write(1, old))
    return store
  }

  @Test("a write that the flash does not take fails, and the old value is still there")
  func failedWrite() throws {
    for offset in 0..<48 {
      var store = try Self.store()
      store.flash.stuck[store.end + offset] = 0xFF
      var failure: StorageFailure?
      do { try store.perform(.write(1, Self.new)) } catch { failure = error }
      // Not every byte is programmed.
      let expected = failure == nil ? Self.new : Self.old
      let isProgrammed = offset < 14 || (16..<36).contains(offset)
      #expect(failure == (isProgrammed ? .failed : nil), "offset \(offset)")
      #expect(try store.values() == [1: expected, 2: Self.other], "offset \(offset)")

      // It goes on, beyond the worn place.
      try? store.perform(.write(3, [7]))
      try? store.perform(.write(3, [8]))
      let values = try store.values()
      store = try MountedStore(store.powerCycled())
      #expect(try store.values() == values, "offset \(offset)")
      #expect(values[1] == expected && values[2] == Self.other, "offset \(offset)")
    }
  }

  @Test("a single worn cell costs one write at most")
  func oneCell() throws {
    for bit in 0..<(36 * 8) {
      var store = try Self.store()
      store.flash.stuck[store.end + bit / 8] = 1 << UInt8(bit % 8)
      try? store.perform(.write(1, Self.new))
      try store.perform(.write(3, Self.new))
      let first = try store.read(1)
      #expect(first == Self.old || first == Self.new, "bit \(bit)")
      store = try MountedStore(store.powerCycled())
      #expect(try store.values() == [1: first, 2: Self.other, 3: Self.new], "bit \(bit)")
    }
  }

  @Test("flash that takes nothing any more still gives what it has")
  func deadFlash() throws {
    var store = try Self.store()
    for address in store.flash.bytes.indices { store.flash.stuck[address] = 0xFF }
    #expect(throws: StorageFailure.failed) { try store.perform(.write(1, Self.new)) }
    #expect(throws: StorageFailure.failed) { try store.perform(.remove(1)) }
    #expect(throws: StorageFailure.failed) { try store.perform(.removeAll) }
    #expect(try store.values() == [1: Self.old, 2: Self.other])
    store = try MountedStore(store.powerCycled())
    #expect(try store.values() == [1: Self.old, 2: Self.other])
  }

  @Test("a sector that cannot be erased makes writes fail, and nothing is lost", arguments: 0..<4)
  func unerasable(sector: Int) throws {
    var store = try Self.store()
    store.flash.unerasable = [sector]
    var written: UInt8?
    var failures = 0
    for round in UInt8(0)..<200 {
      do {
        try store.perform(.write(3, [round]))
        #expect(failures == 0)
      } catch {
        #expect(error == .failed)
        failures += 1
      }
      written = try store.read(3)?.first
      #expect(failures > 0 || written == round)
      #expect(try store.read(1) == Self.old)
    }
    #expect(failures > 0)
    store = try MountedStore(store.powerCycled())
    #expect(try store.values() == [1: Self.old, 2: Self.other, 3: [written!]])
  }

  @Test("a damaged value is not handed out, and the others are")
  func damagedBody() throws {
    for bit in 0..<(20 * 8) {
      let sound = try Self.store()
      let body = sound.end - 32
      var flash = sound.powerCycled()
      flash.damage(at: body + bit / 8, flipping: 1 << UInt8(bit % 8))
      var store = try MountedStore(flash)
      #expect(throws: StorageFailure.failed) { try store.read(1) }
      #expect(try store.read(2) == Self.other)
      try store.perform(.write(1, Self.new))
      #expect(try store.values() == [1: Self.new, 2: Self.other])
    }
  }

  @Test("a damaged header is not taken for an interruption: the mount fails and changes nothing")
  func damagedHeader() throws {
    var flash = try Self.store().powerCycled()
    var store = try MountedStore(flash)
    // Enough that three sectors count.
    for round in UInt8(0)..<20 { try store.perform(.write(4, Array(repeating: round, count: 100))) }
    try store.perform(.write(5, Self.new))
    let last = store.end - 48
    flash = store.powerCycled()
    let records = Array(last..<last + 13)
    let sectors = [0, 1024, 2048].flatMap { start in [0, 12, 19, 20].map { start + $0 } }
    for address in records + sectors where flash.bytes[address] != 0xFF {
      for bit in 0..<8 {
        var damaged = flash
        damaged.damage(at: address, flipping: 1 << UInt8(bit))
        let bytes = damaged.bytes
        var store = RecordStore()
        #expect(throws: StorageFailure.failed, "bit \(bit) at \(address)") {
          try store.mount(&damaged)
        }
        #expect(damaged.bytes == bytes, "bit \(bit) at \(address)")
      }
    }
  }
}
