import CTimex
import Glibc
import TokenCore

/// The host's time of day, and how far it can be trusted.
public struct HostClock: Sendable {
  /// How far off a clock may be that nothing keeps in step. A person who sets one by hand, or a
  /// machine that asked for the time once when it started, is within this.
  public static let unsynchronizedError = Microseconds(1_000_000)

  /// Whether NTP or the like keeps the clock in step, as far as the kernel knows.
  public let isSynchronized: Bool
  /// How far off it may be, by the kernel's account, or by ours where it has none.
  public let error: Microseconds

  /// Asks the kernel (adjtimex(2), changing nothing).
  public init() {
    var state = timex()
    let result = adjtimex(&state)
    isSynchronized = result >= 0 && result != TIME_ERROR && state.status & STA_UNSYNC == 0
    error =
      isSynchronized ? Microseconds(Int64(max(0, state.maxerror))) : Self.unsynchronizedError
  }

  /// CLOCK_REALTIME.
  public static var now: UnixTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)  // cannot fail: the clock exists, the pointer is ours
    return UnixTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}
