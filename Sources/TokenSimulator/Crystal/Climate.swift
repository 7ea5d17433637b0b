import Glibc

/// The temperatures that a token goes through: a mean, a yearly and a daily cycle, and steps, such as
/// a journey or a drawer beside a radiator.
public struct Climate: Equatable, Sendable {
  /// From `start` on it is `kelvin` warmer, until another step says otherwise.
  public struct Step: Equatable, Sendable {
    /// Seconds.
    public var start: Double
    public var kelvin: Double

    public init(start: Double, kelvin: Double) {
      self.start = start
      self.kelvin = kelvin
    }
  }

  /// °C.
  public var mean: Double
  /// Half the way from winter to summer, K.
  public var season: Double
  /// Half the way from night to day, K.
  public var day: Double
  /// The part of a year, and of a day, that has passed at second 0: `0 ..< 1`.
  public var seasonPhase: Double
  public var dayPhase: Double
  /// In the order of their start.
  public var steps: [Step]

  public init(
    mean: Double = 25, season: Double = 0, day: Double = 0, seasonPhase: Double = 0,
    dayPhase: Double = 0, steps: [Step] = []
  ) {
    self.mean = mean
    self.season = season
    self.day = day
    self.seasonPhase = seasonPhase
    self.dayPhase = dayPhase
    self.steps = steps
  }

  /// Season ±4 K, day ±2 K, around a mean of 20 to 30 °C.
  public static func indoors(_ random: inout some RandomNumberGenerator) -> Climate {
    drawn(season: 4, day: 2, &random)
  }

  /// Season ±12 K, day ±8 K, around a mean of 20 to 30 °C.
  public static func harsh(_ random: inout some RandomNumberGenerator) -> Climate {
    drawn(season: 12, day: 8, &random)
  }

  private static func drawn(
    season: Double, day: Double, _ random: inout some RandomNumberGenerator
  ) -> Climate {
    Climate(
      mean: Double.random(in: 20...30, using: &random), season: season, day: day,
      seasonPhase: Double.random(in: 0..<1, using: &random),
      dayPhase: Double.random(in: 0..<1, using: &random))
  }

  /// °C at that second.
  public func temperature(at seconds: Double) -> Double {
    var celsius = mean
    if season != 0 { celsius += season * sin(2 * .pi * (seconds / Crystal.year + seasonPhase)) }
    if day != 0 { celsius += day * sin(2 * .pi * (seconds / 86_400 + dayPhase)) }
    if let step = steps.last(where: { $0.start <= seconds }) { celsius += step.kelvin }
    return celsius
  }
}

/// A cell that sags as it empties.
public struct Battery: Equatable, Sendable {
  /// When new.
  public var volts: Double
  /// Lost in a year.
  public var sag: Double
  /// Seconds until it is empty, and the clock with it stops; infinite for one that outlasts all.
  public var life: Double

  public init(volts: Double = 3, sag: Double = 0, life: Double = .infinity) {
    self.volts = volts
    self.sag = sag
    self.life = life
  }

  /// Volts at that second.
  public func volts(at seconds: Double) -> Double { volts - sag * seconds / Crystal.year }
}
