import TokenCore

/// A board whose flash can be cut, and whose time stands still unless it is moved.
struct CutBoard: Board {
  var flash: MutantFlash
  var now: Ticks
  private var random: SplitMix

  init(_ flash: MutantFlash, now: Ticks, seed: UInt64) {
    self.flash = flash
    self.now = now
    random = SplitMix(seed: seed)
  }

  var body: Body { .simulated }
  var serialNumber: SerialNumber { SerialNumber(rawValue: 1) }
  static let rate = TickRate(ticksPerSecond: 32_768)
  var tickRate: TickRate { Self.rate }
  var crystalTolerance: PartsPerBillion { PartsPerBillion(20_000) }
  // The battery goes on when the power is cut.
  var tickEpoch: TickEpoch { TickEpoch(rawValue: 1) }

  mutating func ticks() -> Ticks { now }
  /// Somebody taps whenever the token is polled: pressed every other time.
  private var isDown = false
  mutating func isTouched() -> Bool {
    isDown.toggle()
    return isDown
  }
  mutating func indicate(_ indication: Indication) {}

  mutating func fillWithEntropy(_ bytes: inout MutableSpan<UInt8>) -> Bool {
    for index in bytes.indices { bytes[index] = random.byte() }
    return true
  }

  var sectorCount: Int { flash.sectorCount }
  var sectorSize: Int { flash.sectorSize }
  mutating func read(at address: Int, into bytes: inout MutableSpan<UInt8>) {
    flash.read(at: address, into: &bytes)
  }
  mutating func program(at address: Int, _ bytes: Span<UInt8>) {
    flash.program(at: address, bytes)
  }
  mutating func erase(sector: Int) { flash.erase(sector: sector) }
}
