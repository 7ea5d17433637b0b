/// Turns the time of this machine into the time that passes for a simulated clock.
///
/// What it hands out adds up: no fraction of a tick is lost from one call to the next.
public struct RealTimeDriver: Sendable {
  private let start: UInt64
  private var handedOut = TrueTicks.zero

  /// Time counts from `now`, a reading of `MachineClock.nanoseconds()`.
  public init(now: UInt64 = MachineClock.nanoseconds()) {
    start = now
  }

  /// The time that passed since the last call, or since the start.
  public mutating func elapsed(now: UInt64 = MachineClock.nanoseconds()) -> TrueTicks {
    let total = TrueTicks(nanoseconds: now > start ? now - start : 0)
    guard total > handedOut else { return .zero }
    defer { handedOut = total }
    return TrueTicks(total.rawValue - handedOut.rawValue)
  }
}
