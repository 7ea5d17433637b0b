import TokenCore

/// A board in a test's hands: every tick, press and random byte is the test's.
struct TestBoard: Board {
  var body: Body { .simulated }
  var serialNumber = SerialNumber(rawValue: 0x0123_4567_89AB_CDEF)
  var tickRate = TickRate(ticksPerSecond: 32_768)
  var crystalTolerance = PartsPerBillion(20_000)
  var tickEpoch = TickEpoch(rawValue: 1)
  var now = Ticks(1000)
  var isPressed = false
  var indication = Indication.idle
  var hasEntropy = true
  var random: SplitMix
  var memory: [UInt8]
  /// Flash operations that still have an effect; the power is gone after them. `nil` for all.
  var flashBudget: Int?
  private(set) var programs = 0
  let sectorCount: Int
  let sectorSize: Int

  init(seed: UInt64 = 1, sectorCount: Int = 32, sectorSize: Int = 4096) {
    random = SplitMix(seed: seed)
    self.sectorCount = sectorCount
    self.sectorSize = sectorSize
    memory = [UInt8](repeating: 0xFF, count: sectorCount * sectorSize)
  }

  mutating func ticks() -> Ticks { now }

  mutating func isTouched() -> Bool { isPressed }

  mutating func indicate(_ indication: Indication) { self.indication = indication }

  mutating func fillWithEntropy(_ bytes: inout MutableSpan<UInt8>) -> Bool {
    for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: random.next()) }
    return hasEntropy
  }

  mutating func read(at address: Int, into bytes: inout MutableSpan<UInt8>) {
    for index in bytes.indices { bytes[index] = memory[address + index] }
  }

  mutating func program(at address: Int, _ bytes: Span<UInt8>) {
    precondition(
      address / sectorSize == (address + max(bytes.count, 1) - 1) / sectorSize,
      "a program operation crosses a sector's end")
    guard spend() else { return }
    programs += 1
    for index in bytes.indices { memory[address + index] &= bytes[index] }
  }

  mutating func erase(sector: Int) {
    guard spend() else { return }
    for index in 0..<sectorSize { memory[sector * sectorSize + index] = 0xFF }
  }

  private mutating func spend() -> Bool {
    guard let left = flashBudget else { return true }
    flashBudget = max(left - 1, 0)
    return left > 0
  }

  mutating func pass(seconds: Double) {
    now = now.advanced(by: UInt64(seconds * Double(tickRate.ticksPerSecond)))
  }
}

/// Steele, Lea and Flood's SplitMix64: small, seeded, the same everywhere.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
