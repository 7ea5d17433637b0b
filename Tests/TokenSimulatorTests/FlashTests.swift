import Glibc
import Testing
import TokenCore
import TokenSimulator

@Suite("The simulated flash")
struct FlashTests {
  @Test("programming clears bits and never sets one; erasing sets a whole sector and no other")
  func norSemantics() {
    for seed in 0..<50 as Range<UInt64> {
      var random = Seed(seed)
      var flash = SimulatedFlash()
      var expected = flash.bytes
      for _ in 0..<100 {
        let sector = Int.random(in: 0..<SimulatedFlash.sectorCount, using: &random)
        let range = sector * SimulatedFlash.sectorSize..<(sector + 1) * SimulatedFlash.sectorSize
        if Int.random(in: 0..<10, using: &random) == 0 {
          flash.erase(sector: sector)
          for index in range { expected[index] = 0xFF }
        } else {
          let (address, bytes) = programming(in: range, &random)
          flash.program(at: address, bytes.span)
          for index in bytes.indices { expected[address + index] &= bytes[index] }
        }
        #expect(same(flash.bytes, expected), "repeat with: seed \(seed)")
      }
      #expect(flash.programCount + flash.eraseCount == 100)
    }
  }

  @Test("a copy is a snapshot that later writes do not reach")
  func copies() {
    var flash = SimulatedFlash()
    flash.program(at: 10, [0x0F].span)
    let snapshot = flash
    flash.program(at: 10, [0xF0].span)
    flash.erase(sector: 1)
    #expect(snapshot.bytes[10] == 0x0F)
    #expect(flash.bytes[10] == 0)
    #expect(snapshot.eraseCount == 0)
  }

  @Test("the recorded changes, applied in order, make the same flash")
  func changes() {
    for seed in 0..<50 as Range<UInt64> {
      var random = Seed(seed)
      var flash = SimulatedFlash()
      flash.program(at: 0, [0].span)
      flash.recordsChanges = true
      var replica = flash.bytes
      for _ in 0..<20 {
        for _ in 0..<5 { anyOperation(on: &flash, &random) }
        for change in flash.takeChanges() { apply(change, to: &replica) }
        #expect(same(replica, flash.bytes), "repeat with: seed \(seed)")
        #expect(flash.changes.isEmpty)
      }
    }
  }

  @Test("what changes nothing is not recorded")
  func idleOperations() {
    var flash = SimulatedFlash()
    flash.program(at: 7, [0x0F].span)
    flash.recordsChanges = true
    flash.program(at: 7, [0x1F].span)
    flash.program(at: 8, [0xFF].span)
    flash.erase(sector: 1)
    #expect(flash.changes.isEmpty)
    flash.program(at: 6, [0xFF, 0x07].span)
    flash.erase(sector: 0)
    #expect(flash.changes == [.programmed(address: 6, bytes: [0xFF, 0x07]), .erased(sector: 0)])
  }

  @Test("reading gives what is there, up to the last byte")
  func reading() {
    var flash = SimulatedFlash()
    let last = SimulatedFlash.size - 3
    flash.program(at: last, [1, 2, 3].span)
    var bytes: [UInt8] = [0, 0, 0, 0]
    var target = bytes.mutableSpan
    flash.read(at: last - 1, into: &target)
    #expect(bytes == [0xFF, 1, 2, 3])
  }
}

/// Whether two flashes hold the same, found out at once also where nothing is optimised.
func same(_ a: [UInt8], _ b: [UInt8]) -> Bool {
  a.count == b.count && memcmp(a, b, a.count) == 0
}

func programming(in range: Range<Int>, _ random: inout Seed) -> (address: Int, bytes: [UInt8]) {
  let address = Int.random(in: range, using: &random)
  let count = Int.random(in: 0...min(64, range.upperBound - address), using: &random)
  return (address, (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
}

func anyOperation(on flash: inout SimulatedFlash, _ random: inout Seed) {
  let sector = Int.random(in: 0..<SimulatedFlash.sectorCount, using: &random)
  if Int.random(in: 0..<8, using: &random) == 0 {
    flash.erase(sector: sector)
  } else {
    let start = sector * SimulatedFlash.sectorSize
    let (address, bytes) = programming(
      in: start..<start + SimulatedFlash.sectorSize, &random)
    flash.program(at: address, bytes.span)
  }
}

func apply(_ change: SimulatedFlash.Change, to bytes: inout [UInt8]) {
  switch change {
  case .programmed(let address, let programmed):
    bytes.replaceSubrange(address..<address + programmed.count, with: programmed)
  case .erased(let sector):
    for index in 0..<SimulatedFlash.sectorSize {
      bytes[sector * SimulatedFlash.sectorSize + index] = 0xFF
    }
  }
}

@Suite("The simulated flash without power")
struct FlashPowerTests {
  @Test("the power goes within one operation, of which any bits went through, and nothing after it")
  func cut() {
    for seed in 0..<100 as Range<UInt64> {
      var random = Seed(seed)
      var flash = SimulatedFlash()
      let count = Int.random(in: 0...5, using: &random)
      flash.cutPower(after: count, seed: seed)
      for index in 0..<count { flash.program(at: index, [UInt8(index)].span) }
      #expect(!flash.isOff)
      let before = flash.bytes
      if Bool.random(using: &random) {
        flash.program(at: 8, [0x0F, 0].span)
        #expect(flash.bytes[8] & 0x0F == 0x0F, "repeat with: seed \(seed)")
      } else {
        flash.erase(sector: 0)
        let isOnlySet = zip(before, flash.bytes).allSatisfy { $0 & $1 == $0 }
        #expect(isOnlySet, "repeat with: seed \(seed)")
      }
      #expect(flash.isOff)
      let after = flash.bytes
      flash.program(at: 0, [0].span)
      flash.erase(sector: 1)
      #expect(same(flash.bytes, after), "repeat with: seed \(seed)")
      flash.restorePower()
      flash.program(at: 0, [0].span)
      #expect(flash.bytes[0] == 0)
    }
  }
}
