/// A reading of a board's tick counter.
public struct Ticks: Hashable, Comparable, Sendable {
  public let rawValue: UInt64

  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }

  public static func < (a: Ticks, b: Ticks) -> Bool { a.rawValue < b.rawValue }

  /// Ticks from `earlier` to here; 0 when `earlier` is not earlier.
  public func elapsed(since earlier: Ticks) -> UInt64 {
    rawValue > earlier.rawValue ? rawValue - earlier.rawValue : 0
  }

  /// This reading `ticks` later, saturating.
  @inline(never)
  public func advanced(by ticks: UInt64) -> Ticks {
    let (sum, overflow) = rawValue.addingReportingOverflow(ticks)
    return Ticks(overflow ? .max : sum)
  }
}

/// Ticks a second, nominally. 32,768 for a watch crystal, 1,000,000 for a microsecond timer.
public struct TickRate: Hashable, Sendable {
  /// `1 ... 1_000_000`.
  public let ticksPerSecond: UInt32

  public init(ticksPerSecond: UInt32) {
    precondition((1...1_000_000).contains(ticksPerSecond))
    self.ticksPerSecond = ticksPerSecond
  }

  /// The length of `ticks`, rounded down. Exact up to 2^44 seconds' worth, saturating beyond.
  public func duration(of ticks: UInt64) -> Microseconds {
    let rate = UInt64(ticksPerSecond)
    let (whole, rest) = ticks.quotientAndRemainder(dividingBy: rate)
    guard whole < 1 << 43 else { return Microseconds(1 << 62) }
    // whole < 2^43 and rest < 10^6: below 2^63 together.
    return Microseconds(Int64(whole * 1_000_000 + UInt64(UInt32(rest)) * 1_000_000 / rate))
  }

  /// The ticks in `milliseconds`, rounded up. `milliseconds` below 2^32.
  @inline(never)
  public func ticks(inMilliseconds milliseconds: UInt32) -> UInt64 {
    (UInt64(milliseconds) * UInt64(ticksPerSecond) + 999) / 1000
  }
}

/// Names one uninterrupted run of a tick counter. See `Board.tickEpoch`.
public struct TickEpoch: Hashable, Sendable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }
}
