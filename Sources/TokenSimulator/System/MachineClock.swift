import Glibc
import TokenCore

/// The clocks of the machine that the simulation runs on.
public enum MachineClock {
  /// The time of day, CLOCK_REALTIME: it may be set, forwards and back.
  public static func timeOfDay() -> UnixTime {
    let time = read(CLOCK_REALTIME)
    return UnixTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }

  /// Nanoseconds since the machine started, CLOCK_BOOTTIME: nobody sets it, and it goes on while
  /// the machine sleeps.
  public static func nanoseconds() -> UInt64 {
    let time = read(CLOCK_BOOTTIME)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  private static func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    clock_gettime(clock, &time)  // cannot fail: the clock exists, the pointer is ours
    return time
  }
}
