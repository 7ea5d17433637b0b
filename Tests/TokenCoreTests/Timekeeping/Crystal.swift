import Foundation
import TokenCore

/// A watch crystal in a place with seasons and days, and the clock that runs on it, for tests: in
/// Doubles, so that it owes nothing to the integers under test.
struct Crystal {
  static let day = 86_400.0
  static let epoch = TickEpoch(rawValue: 1)
  static let tolerance = 60_000

  let seed: UInt64
  var random: SplitMix
  /// ppm; ppm a year; ppm/K²; °C.
  let offset: Double
  let aging: Double
  let parabola: Double
  let turnover: Double
  /// °C.
  let mean: Double
  let season: Double
  let daily: Double
  let phase: Double
  /// The temperature that is added to all that, °C.
  var warmer = 0.0
  let hasSensor: Bool

  /// Seconds that truly passed, and what the crystal counted.
  var now = 0.0
  var counted = 0.0
  var keeper: Timekeeper
  private var lastNote = -1e9

  init(seed: UInt64, season: Double, daily: Double, hasSensor: Bool = false) {
    self.seed = seed
    self.season = season
    self.daily = daily
    self.hasSensor = hasSensor
    random = SplitMix(seed: seed)
    offset = 20 * Double.random(in: -1...1, using: &random)
    aging = 3 * Double.random(in: -1...1, using: &random)
    parabola = -0.034 * (1 + 0.1 * Double.random(in: -1...1, using: &random))
    turnover = 25 + 2 * Double.random(in: -1...1, using: &random)
    mean = 22 + 3 * Double.random(in: -1...1, using: &random)
    phase = Double.random(in: 0...(2 * Double.pi), using: &random)
    keeper = Timekeeper(
      rate: TickRate(ticksPerSecond: 32_768),
      tolerance: PartsPerBillion(Int32(Self.tolerance)))
  }

  var temperature: Double {
    mean + warmer + season * sin(2 * .pi * now / (365 * Self.day) + phase)
      + daily * sin(2 * .pi * now / Self.day)
  }

  /// How much too fast it is now, ppm.
  var error: Double {
    let distance = temperature - turnover
    return offset + aging * now / (365 * Self.day) + parabola * distance * distance
  }

  var ticks: Ticks { Ticks(UInt64(counted * 32_768)) }

  /// The true time, as microseconds since 1970.
  var truth: Double { Double(newYear) * 1e6 + now * 1e6 }

  mutating func pass(days: Double) {
    let end = now + days * Self.day
    while now < end {
      let length = min(1800, end - now)
      let before = error
      now += length
      counted += length * (1 + (before + error) / 2 / 1e6)
      if hasSensor, now - lastNote >= 1800 {
        lastNote = now
        note()
      }
    }
  }

  mutating func note() {
    let read = temperature + 0.3 * Double.random(in: -1...1, using: &random)
    keeper.note(Temperature(sixteenths: Int32(read * 16)), at: ticks)
  }

  /// A host's time, off by up to 10 ms.
  mutating func stamp() -> UnixTime {
    UnixTime(microseconds: Int64(truth + 1e4 * Double.random(in: -1...1, using: &random)))
  }

  mutating func set() {
    keeper.set(
      to: stamp(), uncertainty: Microseconds(15_000), at: ticks, in: Self.epoch)
    if hasSensor { note() }
  }

  @discardableResult
  mutating func sync() throws -> SyncOutcome {
    try keeper.sync(
      to: stamp(), uncertainty: Microseconds(15_000), at: ticks, in: Self.epoch)
  }

  /// µs: how far off the clock is, and how far it says that it may be.
  func judged() -> (error: Double, bound: Double) {
    guard let reading = keeper.reading(at: ticks) else { return (.infinity, 0) }
    return (
      abs(Double(reading.time.microseconds) - truth), Double(reading.bound.rawValue)
    )
  }
}
