/// Lets reports through at the pace of a full-speed bus, one a millisecond, in bursts of 16.
///
/// uhid has no bus that would pace anything, and the kernel keeps 64 reports for a program that
/// reads a HID device and drops the rest: a long answer at once would lose its end.
struct InputPace {
  static let burst = 16
  /// What a burst takes on a bus, in nanoseconds.
  static let length: UInt64 = 16_000_000

  private var sent = 0
  private var end: UInt64 = 0

  /// Whether another report may be sent.
  func allows(at now: UInt64) -> Bool { sent < Self.burst || now >= end }

  /// Milliseconds until another report may be sent, rounded up; `nil` if it may be now.
  func patience(at now: UInt64) -> Int32? {
    allows(at: now) ? nil : Int32((end - now + 999_999) / 1_000_000)
  }

  /// Counts a report that is sent.
  mutating func count(at now: UInt64) {
    if sent == 0 || now >= end {
      sent = 0
      end = now + Self.length
    }
    sent += 1
  }
}
