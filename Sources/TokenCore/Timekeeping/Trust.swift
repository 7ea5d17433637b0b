/// How far the course that was learned can be trusted.
///
/// A fit's residuals say little of the future: a month of points lies well on a curve that next
/// month leaves. So the clock keeps a forecast, compares it a week later with what a host says, and
/// takes the worst misses of late for what it may miss by. Before it has done that twice, it assumes
/// a harsh place.
struct Trust: Sendable {
  /// A forecast is judged when it is this old at least.
  static let horizon = Beats(6 * 82_397)
  /// And at most: what was missed over half a season says nothing of the next weeks.
  static let longestHorizon = Beats(45 * 82_397)
  /// A forecast is made from this many points at least.
  static let fewestPoints = 3
  /// Misses are taken this many times, in 256ths.
  static let caution: UInt64 = 640
  private static let none = Beats(.max)
  /// `spread` before anything was foretold: 11 s after 30 days.
  static let untried: UInt32 = 280_000
  /// `spread` at least, without a sensor: 0.55 s after 30 days. A crystal ages, and seasons turn.
  static let smallest: UInt32 = 16_000
  /// The same with a sensor.
  static let smallestWithSensor: UInt32 = 4_000
  /// What each ppb of a trend adds to `spread`: where there is a season, it turns.
  static let turning: UInt32 = 104
  /// The same with a sensor, which sees most of a season.
  static let turningWithSensor: UInt32 = 64
  /// What the frequency may be off for a quarter of a day, without a sensor, since days are warm
  /// and nights are cold.
  static let dailyWander = PartsPerBillion(10_000)
  /// The same with a sensor.
  static let dailyWanderWithSensor = PartsPerBillion(2_000)
  /// 6 hours.
  static let quarterDay = Microseconds(21_600_000_000)
  /// How well a frequency is known that was learned before the clock was set anew.
  static let keptFrequency = PartsPerBillion(2_000)

  /// What the clock may be off after 12.7 days by way of a wrong trend, times 1/6, µs.
  var spread = Trust.untried
  /// Forecasts that were judged; no more than 2.
  var judged: UInt32 = 0
  /// How long before the sync point the forecast was made; `.max` while there is none.
  var age = Trust.none
  /// The offset it began at, as a `SyncHistory.Point`'s.
  var offset: Int32 = 0
  var course = Course()

  mutating func forgetForecast() {
    age = Self.none
  }

  /// As `SyncHistory.move`.
  mutating func move(by beats: Beats, shift: Int64) {
    guard age != Self.none else { return }
    age = age + beats
    offset = Int32(clamping: Int64(offset) &- shift)
  }

  /// Compares the forecast, if it is old enough, with a host's time at the sync point.
  mutating func judge(by difference: Int64) {
    guard age != Self.none, age >= Self.horizon else { return }
    let age = age
    self.age = Self.none
    guard age <= Self.longestHorizon else { return }
    let miss = (Int64(offset) &+ course.roughCorrection(over: age) &- difference).magnitude
    // Below 2^28 × 2^10.
    let found = UInt32(clamping: min(miss, 1 << 28) &* Self.caution / Self.growth(over: age))
    let kept = judged < 2 ? spread / 5 : spread - spread / 8
    if judged < 2 { judged += 1 }
    spread = min(max(found, kept), 1 << 24)
  }

  /// Makes a forecast, unless one is waiting to be judged.
  mutating func foretell(_ course: Course, from difference: Int64, points: Int) {
    guard age == Self.none, points >= Self.fewestPoints else { return }
    age = .zero
    offset = Int32(clamping: difference)
    self.course = course
  }

  /// What the clock may be off after `elapsed` on `course`, beside its frequency's error.
  func wandering(
    over elapsed: Microseconds, on course: Course, withSensor: Bool
  ) -> Microseconds {
    let wander = withSensor ? Self.dailyWanderWithSensor : Self.dailyWander
    let smallest = withSensor ? Self.smallestWithSensor : Self.smallest
    let turning = withSensor ? Self.turningWithSensor : Self.turning
    let spread = max(spread, smallest) &+ course.trend.magnitude &* turning
    // Below 2^25 × 2^26.
    let far = (UInt64(spread) &* Self.growth(over: Beats(elapsed))) >> 8
    return wander.share(of: min(elapsed, Self.quarterDay)) + Microseconds(Int64(far))
  }

  /// How errors of a forecast grow: t (t + 1) (t + 2), t in 12.7 days, times 256. What a fitted
  /// parabola misses is a cubic with its zeros among the points, and those are of the last month.
  /// Evenly in the first week, where weather is more than seasons.
  ///
  /// 560 after 7 days, 8,800 after 30; saturating after 2.2 years.
  @inline(never)
  static func growth(over beats: Beats) -> UInt64 {
    let t = UInt64(min(beats.rawValue >> 12, 0x3FFF))
    return max(4 &* min(t, 140), (t &* (t &+ 256) &* (t &+ 512)) >> 16)
  }
}

extension SyncHistory {
  /// How far off the frequency may be that was fitted through the points, two or more, by the
  /// uncertainty of their times and by how they are strewn about the curve.
  func frequencyBound(residual: UInt32) -> PartsPerBillion {
    let error =
      points[0].uncertainty &+ points[count - 1].uncertainty &+ 12 &* min(residual, 1 << 24)
    // A µs a beat is 954 ppb. Below 2^28 × 2^10.
    let span = UInt64(max(points[0].age.rawValue, 1))
    return PartsPerBillion(Int32(clamping: UInt64(error) &* 954 / span))
  }
}
