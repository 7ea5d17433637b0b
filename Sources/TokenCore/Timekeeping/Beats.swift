/// A length of time in 2^20 µs, about 1.05 s: what ages of sync points are counted in, so that no
/// division is needed.
struct Beats: Hashable, Comparable, Sendable {
  /// A day is 82,397.
  let rawValue: UInt32

  init(_ rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Rounded down, and saturating after 142 years; a negative length counts as none.
  init(_ length: Microseconds) {
    rawValue = UInt32(clamping: length.rawValue >> 20)
  }

  static let zero = Beats(0)

  static func < (a: Beats, b: Beats) -> Bool { a.rawValue < b.rawValue }

  /// Saturating.
  static func + (a: Beats, b: Beats) -> Beats {
    let (sum, overflow) = a.rawValue.addingReportingOverflow(b.rawValue)
    return Beats(overflow ? .max : sum)
  }
}
