/// A relative frequency or its error: 1,000 is one part per million.
public struct PartsPerBillion: Hashable, Comparable, Sendable {
  public let rawValue: Int32

  public init(_ rawValue: Int32) {
    self.rawValue = rawValue
  }

  public static let zero = PartsPerBillion(0)

  public static func < (a: PartsPerBillion, b: PartsPerBillion) -> Bool { a.rawValue < b.rawValue }

  /// This share of `length`, rounded towards zero, without overflow for any length.
  public func share(of length: Microseconds) -> Microseconds {
    // Split so that no product exceeds 2^63: |rawValue| < 2^31, the remainder below 10^9 < 2^30.
    let (billions, rest) = length.rawValue.quotientAndRemainder(dividingBy: 1_000_000_000)
    let (major, overflow) = billions.multipliedReportingOverflow(by: Int64(rawValue))
    guard !overflow else { return Microseconds(billions < 0 ? .min : .max) }
    return Microseconds(major) + Microseconds(rest * Int64(rawValue) / 1_000_000_000)
  }
}
