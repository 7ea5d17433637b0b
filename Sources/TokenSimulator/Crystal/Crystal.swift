import Glibc

/// How a crystal really runs: what makes it faster or slower than its nominal rate, in ppb.
///
/// A watch crystal is a tuning fork, whose frequency is highest at about 25 °C and falls off with
/// the square of the distance from there; it ages, fast at first; and its oscillator is pulled by
/// the supply. `trim` is what the clock chip does about it.
public struct Crystal: Equatable, Sendable {
  /// What a chip does about its crystal's error.
  public enum Trim: Equatable, Sendable {
    case none
    /// A factory measured the crystal at 25 °C and wrote the register.
    case register(CalibrationRegister)
    /// The chip measures its temperature and corrects for it, in steps; what it misses is a line
    /// over the temperature: `atTurnover` at 25 °C, and `slope` a degree.
    case thermometer(atTurnover: Double, slope: Double)
  }

  /// When new, at the turnover temperature and 3 V.
  public var offset: Double
  /// By how much it changes in its first year.
  public var aging: Double
  /// Where it is fastest, °C.
  public var turnover: Double
  /// ppb for each square degree from there; negative.
  public var curvature: Double
  /// ppb for each volt above 3 V.
  public var pull: Double
  public var trim: Trim

  public init(
    offset: Double = 0, aging: Double = 0, turnover: Double = 25, curvature: Double = -34,
    pull: Double = 0, trim: Trim = .none
  ) {
    self.offset = offset
    self.aging = aging
    self.turnover = turnover
    self.curvature = curvature
    self.pull = pull
    self.trim = trim
  }

  /// A crystal without any error, at any temperature.
  public static let ideal = Crystal(curvature: 0)

  static let year = 31_557_600.0
  /// Aging is a logarithm of the time: half of a first year's is over after two months.
  private static let agingTime = 30 * 86_400.0
  /// The steps in which a chip with a thermometer corrects, ppb.
  private static let thermometerStep = 100.0

  /// By how much it is too fast, in ppb.
  ///
  /// - Parameters:
  ///   - celsius: its temperature.
  ///   - age: seconds since it was made; 0 or more.
  ///   - volts: its supply.
  public func error(at celsius: Double, age: Double = 0, volts: Double = 3) -> Double {
    let distance = celsius - turnover
    let aged = age > 0 ? aging * log1p(age / Self.agingTime) / log1p(Self.year / Self.agingTime) : 0
    let natural = offset + aged + curvature * distance * distance + pull * (volts - 3)
    switch trim {
    case .none:
      return natural
    case .register(let register):
      return natural + register.correction + natural * register.correction / 1e9
    case .thermometer(let atTurnover, let slope):
      let missed = atTurnover + slope * (celsius - 25)
      return (missed / Self.thermometerStep).rounded() * Self.thermometerStep + aged
    }
  }
}

/// A real-time clock's calibration register, as the STM32's smooth calibration has it: in 2^20 ticks
/// it adds or leaves out up to 512, which is 0.954 ppm for each.
public struct CalibrationRegister: Equatable, Sendable {
  /// Ticks left out of 2^20 (negative) or added to them, within `values`.
  public let value: Int

  public static let values = -511...512
  /// ppb for each.
  public static let step = 1e9 / 1_048_576

  /// - Precondition: `value` is within `values`.
  public init(value: Int) {
    precondition(Self.values.contains(value))
    self.value = value
  }

  /// The value that brings a crystal nearest to its nominal rate, whose error is `ppb`.
  public init(nearestFor ppb: Double) {
    let value = (-ppb / Self.step).rounded()
    self.init(
      value: Int(min(max(value, Double(Self.values.lowerBound)), Double(Self.values.upperBound))))
  }

  /// What it adds to the frequency, ppb.
  public var correction: Double { Double(value) * Self.step }
}
