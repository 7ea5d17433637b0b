/// A temperature, in sixteenths of a degree Celsius.
public struct Temperature: Hashable, Comparable, Sendable {
  public let sixteenths: Int32

  /// What no crystal of a token sees is taken for the nearest that one might: -100 … 200 °C.
  public init(sixteenths: Int32) {
    self.sixteenths = min(max(sixteenths, -1600), 3200)
  }

  private init(unknown: Int32) {
    sixteenths = unknown
  }

  /// On a board without a sensor.
  static let unknown = Temperature(unknown: .max)

  public static func < (a: Temperature, b: Temperature) -> Bool { a.sixteenths < b.sixteenths }

  /// How much slower than at 25 °C a watch crystal, a tuning fork, runs: 34 ppb for each square
  /// degree. What one crystal differs from that is left to the fit.
  var slowness: PartsPerBillion {
    let distance = sixteenths - 25 * 16
    // At most 34 × 2,800² = 2^27.99.
    return PartsPerBillion(34 * distance * distance / 256)
  }
}
