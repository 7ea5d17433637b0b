import TokenSimulator

/// Many crystals of a kind in a place, and what became of their clocks.
struct ClockStudy {
  let place: ClockTrial.Place
  let kind: Crystal.Kind
  let hasThermometer: Bool
  /// Residual frequency after a week of daily syncs, ppm, without sign.
  let weekResiduals: [Double]
  /// After a month of weekly syncs.
  let outcomes: [ClockTrial.Outcome]

  init(
    _ place: ClockTrial.Place, _ kind: Crystal.Kind = .watch, thermometer: Bool, crystals: Int,
    seed: UInt64, longest: Double = ClockTrial.longest
  ) {
    self.place = place
    self.kind = kind
    hasThermometer = thermometer
    let seeds = (0..<UInt64(crystals)).map { seed &* 1_000_003 &+ $0 }
    weekResiduals = seeds.map { seed in
      var trial = ClockTrial(place, kind, thermometer: thermometer, seed: seed)
      return abs(trial.run(syncDays: [1, 2, 3, 4, 5, 6, 7], longest: 0).residual)
    }
    outcomes = seeds.map { seed in
      var trial = ClockTrial(place, kind, thermometer: thermometer, seed: seed)
      return trial.run(longest: longest)
    }
  }

  var monthResiduals: [Double] { outcomes.map { abs($0.residual) } }
  /// Errors without sign after that many days alone, seconds.
  func errors(after days: Double) -> [Double] {
    outcomes.compactMap { $0.look(at: days).map { abs($0.error) } }
  }
  func bounds(after days: Double) -> [Double] {
    outcomes.compactMap { $0.look(at: days)?.bound }
  }
  var lineErrors: [Double] { outcomes.map { abs($0.lineError) } }
  var nominalErrors: [Double] { outcomes.map { abs($0.nominalError) } }
  /// Days until 30 s; infinite for the ones that took more than five years.
  var daysUntil30: [Double] { outcomes.map { $0.daysUntil30 ?? .infinity } }
  /// Days until the token refuses codes; likewise.
  var daysUntilRefusal: [Double] { outcomes.map { $0.daysUntilRefusal ?? .infinity } }
  /// The share whose every look up to that day was within the bound.
  func coverage(until days: Double) -> Double {
    Double(outcomes.count { $0.isCovered(until: days) }) / Double(outcomes.count)
  }
  /// The share whose every look was within the bound as long as the token gave codes.
  var coverageUntilRefusal: Double {
    Double(outcomes.count { $0.isCoveredUntilRefusal }) / Double(outcomes.count)
  }
  /// How many times the p95 error the bound is, in the middle and for 95 %.
  func boundRatio(after days: Double) -> (median: Double, p95: Double) {
    let error = errors(after: days).percentile(0.95)
    let bounds = bounds(after: days)
    return (bounds.percentile(0.5) / error, bounds.percentile(0.95) / error)
  }

  var name: String {
    let kinds: [Crystal.Kind: String] = [
      .watch: "", .calibrated: ", calibration register", .compensated: ", compensated to ±2 ppm",
    ]
    return place.rawValue + kinds[kind, default: ""] + (hasThermometer ? ", thermometer" : "")
  }
}
