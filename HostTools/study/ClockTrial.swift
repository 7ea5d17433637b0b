import TokenCore
import TokenSimulator

/// One crystal in one place: a host comes by for a while, and then nobody does.
///
/// The token is two months old when it is set. The host's stamps have a normal error of 5 ms, cut off
/// at 15 ms, and say that they are good to 20 ms. The token's thermometer, if it has one, is read
/// every hour; it is off by up to 0.5 K, differently in each token, and has sixteenths of a degree.
struct ClockTrial {
  enum Place: String, CaseIterable {
    /// 25 °C without any change, and no aging: what is left is the noise of the stamps.
    case steady
    /// Season ±4 K, day ±2 K.
    case indoors
    /// Season ±12 K, day ±8 K.
    case harsh
  }

  static let day = 86_400.0
  /// Days after the start at which a host comes by: nearly every week of a month.
  static let syncDays = [2.0, 9, 16, 23, 30]
  /// Days alone at which the clock is looked at.
  static let looks =
    Array(stride(from: 2.0, through: 30, by: 1)) + stride(from: 35.0, through: 365, by: 5)
  /// Days alone after which nobody waits for the error to reach 30 s any more.
  static let longest = 5 * 365.0
  private static let birthday = 60 * day
  private static let stampDeviation = 0.005
  private static let uncertainty = Microseconds(20_000)
  /// 2026-01-01T00:00:00Z, for the crystal's second 0.
  private static let epochMicroseconds: Int64 = 1_767_225_600_000_000

  /// What the clock was like at a time alone, in seconds.
  struct Look {
    var days: Double
    /// Positive: the clock is ahead.
    var error: Double
    var bound: Double
  }

  struct Outcome {
    /// Of the clock, over the day after the last sync, ppm; positive: too fast.
    var residual: Double
    var looks: [Look]
    /// Days alone until the error is 30 s; nil if that takes more than five years.
    var daysUntil30: Double?
    /// Days alone until the bound is half a period of 30 s, when the token says 'sync first'.
    var daysUntilRefusal: Double?
    /// Error 30 days after the last sync: of a straight line by least squares through the same stamps,
    /// in floating point, and of the crystal's nominal rate. Seconds.
    var lineError: Double
    var nominalError: Double

    func look(at days: Double) -> Look? { looks.first { $0.days == days } }
    /// Whether every look up to that day was within the bound.
    func isCovered(until days: Double) -> Bool {
      looks.allSatisfy { $0.days > days || abs($0.error) <= $0.bound }
    }
    /// Whether every look was within the bound as long as the token gave codes.
    var isCoveredUntilRefusal: Bool { isCovered(until: (daysUntilRefusal ?? .infinity).nextDown) }
  }

  let place: Place
  let kind: Crystal.Kind
  let hasThermometer: Bool
  private var random: SeededRandom
  private var counter: CrystalCounter
  private var keeper: Timekeeper
  private let thermometerOffset: Double
  private var stamps: [(ticks: Double, time: Double)] = []

  init(_ place: Place, _ kind: Crystal.Kind = .watch, thermometer: Bool = false, seed: UInt64) {
    self.place = place
    self.kind = kind
    hasThermometer = thermometer
    random = SeededRandom(seed)
    var crystal = Crystal.drawn(kind, &random)
    let climate: Climate
    switch place {
    case .steady:
      climate = Climate()
      crystal.aging = 0
    case .indoors: climate = .indoors(&random)
    case .harsh: climate = .harsh(&random)
    }
    thermometerOffset = Double.random(in: -0.5...0.5, using: &random)
    counter = CrystalCounter(crystal, in: climate, battery: Battery(sag: 0.05))
    keeper = Timekeeper(rate: SimulatedClock.rate, tolerance: Self.promise(kind, place))
  }

  /// What a board would promise of such a crystal in such a place: its limit, its curve as far from
  /// its turnover as it gets there, and five years' aging.
  static func promise(_ kind: Crystal.Kind, _ place: Place) -> PartsPerBillion {
    let limit: Int32 =
      switch kind {
      case .watch: 20_000
      case .calibrated: 1_000
      case .compensated: 4_000
      }
    if kind == .compensated { return PartsPerBillion(limit) }
    return PartsPerBillion(limit + (place == .harsh ? 42_000 : 16_000))
  }

  /// - Parameters:
  ///   - syncDays: when a host comes by, in days after the start, at which the clock was set.
  ///   - longest: days alone after which the trial ends at the latest.
  mutating func run(
    syncDays: [Double] = Self.syncDays, longest: Double = Self.longest
  ) -> Outcome {
    pass(until: Self.birthday)
    keeper.set(
      to: stamp(), uncertainty: Self.uncertainty, at: counter.ticks, in: TickEpoch(rawValue: 1))
    for day in syncDays {
      pass(until: Self.birthday + day * Self.day)
      let host = stamp()
      // A crystal within its promise is never refused; were one, the study would show it as an error.
      _ = try? keeper.sync(
        to: host, uncertainty: Self.uncertainty, at: counter.ticks, in: TickEpoch(rawValue: 1))
    }
    let end = counter.seconds
    let line = Self.line(through: stamps)
    let last = stamps[stamps.count - 1]
    var outcome = Outcome(
      residual: 0, looks: [], daysUntil30: nil, daysUntilRefusal: nil, lineError: 0, nominalError: 0
    )

    // When the slewing is over.
    pass(until: end + Self.day / 4)
    let before = error
    pass(until: end + Self.day * 5 / 4)
    outcome.residual = (error - before) / Self.day * 1e6
    var day = 2.0
    while day <= longest {
      pass(until: end + day * Self.day)
      let error = error
      if Self.looks.contains(day) {
        outcome.looks.append(Look(days: day, error: error, bound: bound))
      }
      if day == 30 {
        let ticks = Double(counter.ticks.rawValue) / Double(SimulatedClock.rate.ticksPerSecond)
        outcome.lineError = line(ticks) - counter.seconds
        outcome.nominalError = last.time + (ticks - last.ticks) - counter.seconds
      }
      if abs(error) >= 30, outcome.daysUntil30 == nil { outcome.daysUntil30 = day }
      if bound > 15, outcome.daysUntilRefusal == nil { outcome.daysUntilRefusal = day }
      if outcome.daysUntil30 != nil && outcome.daysUntilRefusal != nil && day >= 365 { break }
      day += day < 30 ? 1 : 5
    }
    return outcome
  }

  // MARK: Steps

  private var truth: UnixTime {
    UnixTime(microseconds: Self.epochMicroseconds + Int64(counter.seconds * 1e6))
  }

  /// Seconds that the clock is ahead; not a number when it does not run.
  private var error: Double {
    guard let reading = keeper.reading(at: counter.ticks) else { return .nan }
    return Double((reading.time - truth).rawValue) / 1e6
  }

  private var bound: Double {
    keeper.reading(at: counter.ticks).map { Double($0.bound.rawValue) / 1e6 } ?? .nan
  }

  /// The host's time, with its error; also kept for the line.
  private mutating func stamp() -> UnixTime {
    let noise = Crystal.normal(
      deviation: Self.stampDeviation, limit: 3 * Self.stampDeviation, &random)
    let ticks = Double(counter.ticks.rawValue) / Double(SimulatedClock.rate.ticksPerSecond)
    stamps.append((ticks, counter.seconds + noise))
    return truth + Microseconds(Int64(noise * 1e6))
  }

  /// Lets time pass, and reads the thermometer every hour.
  private mutating func pass(until end: Double) {
    guard hasThermometer else { return counter.run(until: end) }
    while counter.seconds < end {
      let celsius = counter.temperature + thermometerOffset
      keeper.note(
        Temperature(sixteenths: Int32((celsius * 16).rounded())), at: counter.ticks)
      counter.run(until: min(end, counter.seconds + 3_600))
    }
  }

  /// Least squares: time over ticks, both in seconds.
  private static func line(through points: [(ticks: Double, time: Double)]) -> (Double) -> Double {
    let count = Double(points.count)
    let ticks = points.reduce(0) { $0 + $1.ticks } / count
    let time = points.reduce(0) { $0 + $1.time } / count
    var square = 0.0
    var product = 0.0
    for point in points {
      square += (point.ticks - ticks) * (point.ticks - ticks)
      product += (point.ticks - ticks) * (point.time - time)
    }
    let slope = product / square
    return { time + slope * ($0 - ticks) }
  }
}
