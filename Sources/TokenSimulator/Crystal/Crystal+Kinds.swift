/// The kinds of crystal that tokens are made with, and the spread within each kind.
extension Crystal {
  public enum Kind: String, CaseIterable, Sendable {
    /// A bare watch crystal: ±20 ppm.
    case watch
    /// The same behind a calibration register that was written at the factory.
    case calibrated
    /// A clock chip that compensates for its temperature: ±2 ppm, such as a DS3231.
    case compensated
  }

  /// One of a kind.
  ///
  /// Data sheets give limits, and crystals are mostly well within: the offset is drawn normally with
  /// three standard deviations to the limit. Turnover 25 ± 5 °C, curvature -34 ± 6 ppb a square
  /// degree, and aging up to ±3 ppm in the first year are spread evenly.
  public static func drawn(_ kind: Kind, _ random: inout some RandomNumberGenerator) -> Crystal {
    var crystal = Crystal(
      offset: normal(deviation: 20_000 / 3, limit: 20_000, &random),
      aging: Double.random(in: -3_000...3_000, using: &random),
      turnover: Double.random(in: 20...30, using: &random),
      curvature: Double.random(in: -40...(-28), using: &random),
      pull: Double.random(in: 0...300, using: &random))
    switch kind {
    case .watch:
      break
    case .calibrated:
      crystal.trim = .register(CalibrationRegister(nearestFor: crystal.error(at: 25)))
    case .compensated:
      // Within ±2 ppm from 0 to 50 °C, and ±1 ppm a year.
      crystal.aging /= 3
      crystal.trim = .thermometer(
        atTurnover: Double.random(in: -1_000...1_000, using: &random),
        slope: Double.random(in: -40...40, using: &random))
    }
    return crystal
  }

  /// From a normal distribution around 0, cut off at `limit`.
  public static func normal(
    deviation: Double, limit: Double, _ random: inout some RandomNumberGenerator
  ) -> Double {
    // Irwin and Hall: the sum of twelve even draws has the variance 1.
    let sum = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0...1, using: &random) }
    return min(max(sum * deviation, -limit), limit)
  }
}
