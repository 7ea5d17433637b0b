/// TOTP (RFC 6238): how time becomes steps. The code of a step is HOTP's.
public struct TOTP: Hashable, Sendable {
  /// RFC 6238's X, the length of a step: 1 s or more.
  public let period: Seconds
  /// RFC 6238's T0, the time at which step 0 begins.
  public let epoch: Seconds

  /// Nothing if the period is below 1 s.
  public init?(period: Seconds, epoch: Seconds = Seconds(0)) {
    guard period.rawValue >= 1 else { return nil }
    self.period = period
    self.epoch = epoch
  }

  /// The step that `time` lies in, or nothing before T0.
  public func step(at time: Seconds) -> Step? {
    guard time >= epoch else { return nil }
    // Up to 2^64 - 1 seconds lie between two times, which wraps as Int64 and fits as UInt64.
    let elapsed = UInt64(bitPattern: time.rawValue &- epoch.rawValue)
    return Step(elapsed / UInt64(period.rawValue))
  }

  /// The first second of a step; the last second of all (2^63 - 1) if it lies beyond that.
  public func start(of step: Step) -> Seconds {
    let (elapsed, overflow) = step.rawValue.multipliedReportingOverflow(by: UInt64(period.rawValue))
    let room = UInt64(bitPattern: Int64.max &- epoch.rawValue)
    guard !overflow, elapsed <= room else { return Seconds(.max) }
    return Seconds(epoch.rawValue &+ Int64(bitPattern: elapsed))
  }
}
