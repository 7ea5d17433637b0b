import Testing
import TokenCore

@Suite("The timekeeper")
struct TimekeeperTests {
  static let indoors = (season: 4.0, daily: 2.0)
  static let harsh = (season: 12.0, daily: 8.0)
  static let crystals: UInt64 = 200

  /// Seconds, sorted: what clocks are off 30 days after the last of five weekly syncs; and the
  /// bounds they state, and how many of those are too small.
  private func month(
    _ place: (season: Double, daily: Double), hasSensor: Bool = false
  ) throws -> (errors: [Double], bounds: [Double], broken: [UInt64]) {
    var errors: [Double] = []
    var bounds: [Double] = []
    var broken: [UInt64] = []
    for seed in 1...Self.crystals {
      var crystal = Crystal(
        seed: seed, season: place.season, daily: place.daily, hasSensor: hasSensor)
      crystal.set()
      for _ in 0..<5 {
        crystal.pass(days: 7)
        try crystal.sync()
      }
      crystal.pass(days: 30)
      let (error, bound) = crystal.judged()
      errors.append(error / 1e6)
      bounds.append(bound / 1e6)
      if error > bound { broken.append(seed) }
    }
    return (errors.sorted(), bounds.sorted(), broken)
  }

  @Test(
    "is right to a few seconds a month after weekly syncs, and its bound holds and is not idle",
    arguments: [
      (Self.indoors, false, 2.9), (Self.harsh, false, 10.7), (Self.harsh, true, 5.2),
    ])
  func month(place: (season: Double, daily: Double), hasSensor: Bool, floor: Double) throws {
    let (errors, bounds, broken) = try month(place, hasSensor: hasSensor)
    let p95 = errors[errors.count * 95 / 100]
    #expect(p95 < floor)
    #expect(broken.count <= 1, "repeat with: seeds \(broken)")
    #expect(bounds[bounds.count / 2] < 3 * p95, "\(bounds[bounds.count / 2]) s, p95 \(p95) s")
  }

  @Test("covers the truth at any moment between syncs that come as they like")
  func coverage() throws {
    var readings = 0
    var broken: [UInt64] = []
    for seed in 1...Self.crystals {
      let place = seed % 2 == 0 ? Self.indoors : Self.harsh
      var crystal = Crystal(seed: seed, season: place.season, daily: place.daily)
      crystal.set()
      for _ in 0..<30 {
        crystal.pass(days: Double.random(in: 0.01...10, using: &crystal.random))
        readings += 1
        let (error, bound) = crystal.judged()
        if error > bound { broken.append(seed) }
        try crystal.sync()
      }
    }
    #expect(broken.count * 1000 <= readings, "repeat with: seeds \(broken)")
  }

  @Test("knows its frequency to 0.05 ppm after a week of daily syncs")
  func frequency() throws {
    var errors: [Double] = []
    for seed in 1...Self.crystals {
      var crystal = Crystal(seed: seed, season: 0, daily: 0)
      crystal.set()
      for _ in 0..<7 {
        crystal.pass(days: 1)
        try crystal.sync()
      }
      let reading = try #require(crystal.keeper.reading(at: crystal.ticks))
      errors.append(abs(Double(reading.frequency.rawValue) + crystal.error * 1000))
    }
    #expect(errors.sorted()[errors.count * 95 / 100] < 50)
  }

  @Test("never goes backwards while it has power, whatever hosts say and however warm it is")
  func monotonic() {
    for seed in 1...20 as ClosedRange<UInt64> {
      var crystal = Crystal(seed: seed, season: 12, daily: 8, hasSensor: true)
      crystal.set()
      var last = crystal.keeper.reading(at: crystal.ticks)?.time
      for _ in 0..<2_000 {
        crystal.pass(days: Double.random(in: 0...0.2, using: &crystal.random))
        crystal.warmer = 10 * Double.random(in: -1...1, using: &crystal.random)
        for _ in 0..<2 {
          let time = crystal.keeper.reading(at: crystal.ticks)?.time
          #expect(time.map { $0 >= last ?? $0 } == true, "repeat with: seed \(seed)")
          last = time
          // A host that is anywhere within what it may say, and half the time beyond.
          let allowance = Double(
            crystal.keeper.reading(at: crystal.ticks)?.allowance.rawValue ?? 0)
          let lie = 2 * allowance * Double.random(in: -1...1, using: &crystal.random)
          _ = try? crystal.keeper.sync(
            to: UnixTime(microseconds: Int64(crystal.truth + lie)),
            uncertainty: Microseconds(Int64.random(in: 0...200_000, using: &crystal.random)),
            at: crystal.ticks, in: Crystal.epoch)
        }
      }
    }
  }

  @Test("is moved by hosts, however they try, no further than the crystal could have drifted")
  func bounded() {
    for seed in 1...20 as ClosedRange<UInt64> {
      var random = SplitMix(seed: seed)
      let tolerance = 20e-6
      var keeper = Timekeeper(
        rate: TickRate(ticksPerSecond: 1_000_000), tolerance: PartsPerBillion(20_000))
      let start = newYear * 1_000_000
      keeper.set(
        to: UnixTime(microseconds: start), uncertainty: .zero, at: Ticks(0), in: Crystal.epoch)
      var ticks: UInt64 = 0
      let direction = seed % 2 == 0 ? 1.0 : -1.0
      for _ in 0..<3_000 {
        ticks += UInt64.random(in: 0...40_000_000_000, using: &random)
        guard let own = keeper.reading(at: Ticks(ticks)) else { continue }
        for size in [2, 1, 0.99, 0.5, 0.1, 0.01] {
          let lie = direction * size * Double(own.allowance.rawValue + 1)
          _ = try? keeper.sync(
            to: own.time + Microseconds(Int64(lie)),
            uncertainty: Microseconds(Int64.random(in: 0...200_000, using: &random)),
            at: Ticks(ticks), in: Crystal.epoch)
        }
        let moved = (keeper.reading(at: Ticks(ticks))?.time).map {
          Double($0.microseconds - start) - Double(ticks)
        }
        let limit = tolerance * Double(ticks) + 1_000
        #expect(moved.map { abs($0) <= limit } == true, "repeat with: seed \(seed)")
      }
    }
  }

  @Test("drops points that are stale: a crystal that was knocked is learned anew")
  func knocked() throws {
    var late: [Double] = []
    for seed in 1...Self.crystals {
      var crystal = Crystal(seed: seed, season: 4, daily: 2)
      crystal.set()
      for week in 0..<9 {
        crystal.pass(days: 7)
        try crystal.sync()
        if week == 3 { crystal.warmer = 12 }
      }
      crystal.pass(days: 7)
      late.append(crystal.judged().error / 1e6)
    }
    // 12 K are up to 5 ppm: 3 s a week, had it not been noticed.
    #expect(late.sorted()[late.count * 95 / 100] < 0.3)
  }

  @Test("keeps what it learned of the crystal when its clock is set, less surely")
  func kept() throws {
    var crystal = Crystal(seed: 5, season: 4, daily: 2)
    crystal.set()
    for _ in 0..<5 {
      crystal.pass(days: 7)
      try crystal.sync()
    }
    crystal.set()
    crystal.pass(days: 7)
    let (error, bound) = crystal.judged()
    #expect(error < bound)
    #expect(bound < Double(Crystal.tolerance) * 7 * 86.4 / 10)
    crystal.keeper.forget()
    #expect(crystal.keeper.state == .unset)
    #expect(crystal.keeper.reading(at: crystal.ticks) == nil)
  }

  @Test("learns nothing from a host that does not know the time well")
  func unsure() throws {
    var crystal = Crystal(seed: 7, season: 0, daily: 0)
    crystal.set()
    for _ in 0..<20 {
      crystal.pass(days: 1)
      _ = try? crystal.keeper.sync(
        to: crystal.stamp(), uncertainty: Microseconds(1_000_000), at: crystal.ticks,
        in: Crystal.epoch)
    }
    #expect(crystal.keeper.reading(at: crystal.ticks)?.frequency == .zero)
  }
}
