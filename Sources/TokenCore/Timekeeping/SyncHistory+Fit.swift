// Least squares in whole numbers.
//
// A parabola is fitted through the points, by its components along 1, v and q, which are orthogonal
// over the points: v is the time less its mean, and q = v² - r v - m with r = Σv³ / Σv² and
// m = Σv² / n. So there is no system of equations to solve: each coefficient is a quotient of two
// sums. The time's unit is 2^30 µs (18 minutes), so that v has 13 bits and q 26.
//
// The arithmetic is unchecked, because a check of 64 bits costs a small processor more than the sum: the
// bounds stand beside it.
extension SyncHistory {
  /// Added to Σq²: how much a curve is believed in less than a line. 2^33 is an error of stamps of
  /// 10 ms against trends of 0.02 ppm a day: a week of points bends hardly, a month fully.
  private static let stiffness: Int64 = 0x2_0000_0000
  /// Points that miss the curve by more than this and twice their uncertainty: the oldest is stale.
  private static let staleness: Int64 = 20_000
  /// The stale test leaves this many.
  private static let fewest = 4

  /// A course through the points, and how well they lie on it.
  struct Fit {
    var course: Course
    /// The largest distance of a point from the course, µs.
    var residual: UInt32
  }

  /// The course that fits the points best, from the sync point on, after the stale ones are dropped.
  ///
  /// - Parameter believed: what the points are compared with first, so that what is left is small.
  mutating func fit(near believed: Course) -> Fit {
    var frequency = believed.frequency
    while true {
      // Twice: ages are rounded to 18 minutes, which matters until the frequency is nearly right.
      let rough = solve(near: frequency)
      let fit = solve(near: rough.course.frequency)
      let limit = Self.staleness + 2 * Int64(points[count - 1].uncertainty)
      if count <= Self.fewest || Int64(fit.residual) <= limit { return fit }
      remove(at: 0)
      frequency = fit.course.frequency
    }
  }

  private func solve(near frequency: PartsPerBillion) -> Fit {
    var times = InlineArray<16, Int32>(repeating: 0)
    var values = InlineArray<16, Int64>(repeating: 0)
    let line = Course(frequency: frequency)
    let n = Int32(count)
    var timeSum: Int32 = 0
    var valueSum: Int64 = 0
    for index in 0..<count {
      let age = points[index].age
      times[index] = 0 &- Int32(truncatingIfNeeded: age.rawValue >> 10)
      values[index] = Int64(points[index].offset) &+ line.roughCorrection(over: age)
      timeSum &+= times[index]
      valueSum &+= values[index]
    }
    let meanTime = timeSum / n
    let meanValue = valueSum / Int64(n)

    // Below 2^13 × 2^29 × 2^4, and 2^39 × 2^4.
    var squares: Int64 = 0
    var cubes: Int64 = 0
    var moments: Int64 = 0
    for index in 0..<count {
      times[index] &-= meanTime
      values[index] &-= meanValue
      let v = Int64(times[index])
      squares &+= v &* v
      cubes &+= v &* v &* v
      moments &+= v &* values[index]
    }
    guard squares > 0 else { return Fit(course: line, residual: 0) }
    let skew = cubes / squares
    let meanSquare = squares / Int64(n)
    // 2^-8 µs a unit of time.
    let slope = (moments << 8) / squares

    // Below 2^52 × 2^4, and 2^26 × 2^29 × 2^4.
    var bends = Self.stiffness
    var bendMoments: Int64 = 0
    for index in 0..<count {
      let v = Int64(times[index])
      let q = v &* (v &- skew) &- meanSquare
      bends &+= q &* q
      bendMoments &+= q &* values[index]
    }
    // 2^-16 µs a square unit of time.
    let bend = bendMoments / (bends >> 16)

    var residual: UInt64 = 0
    for index in 0..<count {
      let v = Int64(times[index])
      let q = v &* (v &- skew) &- meanSquare
      residual = max(
        residual, (values[index] &- ((slope &* v) >> 8) &- ((bend &* q) >> 16)).magnitude)
    }

    // A µs in 2^30 µs is 61,035 / 2^16 ppb.
    let atEnd = slope &+ ((bend &* (-2 &* Int64(meanTime) &- skew)) >> 8)
    let gain = Int32(clamping: (atEnd &* 61_035) >> 24)
    let trend = Int32(clamping: (bend &* 61_035) >> 21)
    return Fit(
      course: Course(
        frequency: PartsPerBillion(frequency.rawValue &+ gain),
        trend: min(max(trend, -Course.largestTrend), Course.largestTrend)),
      residual: UInt32(clamping: residual))
  }
}
