/// A length of time, or an error of a clock, in microseconds.
public struct Microseconds: Hashable, Comparable, Sendable {
  public let rawValue: Int64

  public init(_ rawValue: Int64) {
    self.rawValue = rawValue
  }

  public static let zero = Microseconds(0)

  public static func < (a: Microseconds, b: Microseconds) -> Bool { a.rawValue < b.rawValue }

  /// Saturating, so that a host's absurd value cannot trap the token.
  @inline(never)
  public static func + (a: Microseconds, b: Microseconds) -> Microseconds {
    let (sum, overflow) = a.rawValue.addingReportingOverflow(b.rawValue)
    return Microseconds(overflow ? (a.rawValue < 0 ? .min : .max) : sum)
  }

  /// Saturating.
  @inline(never)
  public static func - (a: Microseconds, b: Microseconds) -> Microseconds {
    let (difference, overflow) = a.rawValue.subtractingReportingOverflow(b.rawValue)
    return Microseconds(overflow ? (a.rawValue < 0 ? .min : .max) : difference)
  }

  /// This length, or the nearer end of `low ... high`.
  @inline(never)
  func clamped(to low: Microseconds, _ high: Microseconds) -> Microseconds {
    self < low ? low : high < self ? high : self
  }

  /// Without sign; `Int64.min` becomes `Int64.max`.
  public var magnitude: Microseconds {
    Microseconds(Int64(clamping: rawValue.magnitude))
  }
}

/// A point in time: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
public struct UnixTime: Hashable, Comparable, Sendable {
  public let microseconds: Int64

  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  public static func < (a: UnixTime, b: UnixTime) -> Bool { a.microseconds < b.microseconds }

  /// Saturating.
  public static func + (time: UnixTime, length: Microseconds) -> UnixTime {
    UnixTime(microseconds: (Microseconds(time.microseconds) + length).rawValue)
  }

  /// Saturating.
  public static func - (a: UnixTime, b: UnixTime) -> Microseconds {
    Microseconds(a.microseconds) - Microseconds(b.microseconds)
  }

  /// The whole seconds, rounded down.
  public var seconds: Int64 {
    let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
