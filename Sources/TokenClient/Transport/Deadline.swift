import Glibc

/// A moment on CLOCK_MONOTONIC by which something has to have happened. It does not move when the
/// time of day is set.
public struct Deadline: Comparable, Sendable {
  /// Nanoseconds of CLOCK_MONOTONIC; `UInt64.max` is never.
  public let nanoseconds: UInt64

  public init(nanoseconds: UInt64) {
    self.nanoseconds = nanoseconds
  }

  /// `length` from now; a negative length counts as none, one beyond 292 years as forever.
  public init(in length: Duration) {
    let (seconds, attoseconds) = length.components
    guard seconds >= 0, attoseconds >= 0 else {
      self = .now
      return
    }
    let (whole, tooLong) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflow) = whole.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
    let (end, past) = Deadline.now.nanoseconds.addingReportingOverflow(sum)
    self.init(nanoseconds: tooLong || overflow || past ? .max : end)
  }

  /// This moment: what has not happened yet is late.
  public static var now: Deadline {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)  // cannot fail: the clock exists and the pointer is ours
    return Deadline(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
  }

  public static let never = Deadline(nanoseconds: .max)

  public var hasPassed: Bool { self <= .now }

  /// Nanoseconds left; 0 when it has passed.
  public var remainingNanoseconds: UInt64 {
    let now = Deadline.now.nanoseconds
    return nanoseconds > now ? nanoseconds - now : 0
  }

  /// What is left as poll(2) takes it: milliseconds, rounded up so that a wait does not end early
  /// and spin; -1 for `never`.
  public var pollTimeout: Int32 {
    guard self != .never else { return -1 }
    let remaining = remainingNanoseconds
    return remaining == 0 ? 0 : Int32(clamping: remaining / 1_000_000 + 1)
  }

  /// The earlier of this and `length` from now: one slice of a longer wait.
  public func atMost(_ length: Duration) -> Deadline {
    min(self, Deadline(in: length))
  }

  /// `length` later; never, where that is beyond all times.
  public static func + (start: Deadline, length: Duration) -> Deadline {
    let (seconds, attoseconds) = length.components
    let whole = UInt64(clamping: seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let part = UInt64(clamping: attoseconds / 1_000_000_000)
    let sum = start.nanoseconds.addingReportingOverflow(whole.partialValue)
    let end = sum.partialValue.addingReportingOverflow(part)
    let isBeyond = whole.overflow || sum.overflow || end.overflow
    return isBeyond ? .never : Deadline(nanoseconds: end.partialValue)
  }

  public static func < (a: Deadline, b: Deadline) -> Bool { a.nanoseconds < b.nanoseconds }
}
