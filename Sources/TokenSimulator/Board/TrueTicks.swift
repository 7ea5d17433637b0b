import TokenCore

/// Time that truly passed, in 1/32,768 s: what a crystal without any error would count.
public struct TrueTicks: Hashable, Comparable, Sendable {
  public let rawValue: UInt64

  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// `length` rounded to the nearest tick; a negative length counts as none.
  public init(_ length: Microseconds) {
    let (seconds, rest) = max(length.rawValue, 0).quotientAndRemainder(dividingBy: 1_000_000)
    self.init(scaled: UInt64(seconds), rest: UInt64(rest), perSecond: 1_000_000)
  }

  /// `nanoseconds` rounded to the nearest tick.
  public init(nanoseconds: UInt64) {
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    self.init(scaled: seconds, rest: rest, perSecond: 1_000_000_000)
  }

  /// `seconds` up to 2^44, `rest` below `perSecond`, which is 10^9 at most: no overflow.
  private init(scaled seconds: UInt64, rest: UInt64, perSecond: UInt64) {
    let rate = UInt64(SimulatedClock.rate.ticksPerSecond)
    self.init(seconds * rate + (rest * rate + perSecond / 2) / perSecond)
  }

  public static let zero = TrueTicks(0)

  public static func < (a: TrueTicks, b: TrueTicks) -> Bool { a.rawValue < b.rawValue }
}
