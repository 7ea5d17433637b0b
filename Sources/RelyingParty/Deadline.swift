import Glibc

/// A moment on the machine's own clock, which nobody sets, by which something is given up.
struct Deadline: Sendable {
  /// Milliseconds of `CLOCK_BOOTTIME`.
  private let end: Int64

  static func after(milliseconds: Int64) -> Deadline { Deadline(end: now() + milliseconds) }

  /// Milliseconds that are left; 0 once it is over.
  var remaining: Int32 { Int32(clamping: max(0, end - Self.now())) }

  var isOver: Bool { remaining == 0 }

  /// Milliseconds since the machine was started, also while it slept.
  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
