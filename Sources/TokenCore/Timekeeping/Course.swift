/// How a clock goes from a sync point on: a frequency there, and how that frequency changes.
struct Course: Sendable {
  /// How much faster the true time runs than the ticks say.
  var frequency = PartsPerBillion.zero
  /// What the frequency gains in 2^20 beats (12.7 days), in ppb. Seasons and age make it.
  var trend: Int32 = 0

  /// 0.32 ppm a day: more than a season in a harsh place makes.
  static let largestTrend: Int32 = 4096
  /// A trend is followed for 45 days: a season turns, and a line drawn on for a year leads nowhere.
  static let trendLength = Beats(45 * 82_397)

  /// What is to be added to `elapsed`, which `beats` long is, by the ticks.
  func correction(over elapsed: Microseconds) -> Microseconds {
    let steady = frequency.share(of: elapsed)
    guard trend != 0 else { return steady }
    let beats = min(Beats(elapsed), Self.trendLength)
    let bent = min(elapsed, Microseconds(Int64(Self.trendLength.rawValue) << 20))
    return steady + PartsPerBillion(meanGain(over: beats)).share(of: bent)
  }

  /// The frequency `elapsed` later.
  func frequency(after elapsed: Microseconds) -> PartsPerBillion {
    let beats = Beats(elapsed)
    return beats > Self.trendLength
      ? frequency : PartsPerBillion(frequency.rawValue &+ 2 &* meanGain(over: beats))
  }

  /// As `correction`, to the nearest few microseconds and without a division; `beats` at most
  /// 2^23, which is 100 days.
  func roughCorrection(over beats: Beats) -> Int64 {
    let mean = Int64(frequency.rawValue &+ meanGain(over: min(beats, Self.trendLength)))
    // 2^20 / 10^9 is 70,369 / 2^26; below 2^19 × 2^23 × 2^17.
    return (mean &* Int64(beats.rawValue) &* 70_369) >> 26
  }

  /// By how much the frequency is above its first value in the mean; `beats` at most 2^22.
  @inline(never)
  private func meanGain(over beats: Beats) -> Int32 {
    // Half of trend × beats / 2^20; below 2^13 × 2^16.
    (trend &* Int32(truncatingIfNeeded: beats.rawValue >> 6)) >> 15
  }
}
