/// A length of time in 2^20 µs, about 1.05 s: what ages of sync points are counted in, so that no
/// division is needed.
struct Beats: Hashable, Comparable, Sendable {
  /// 60 days are 4,943,848.
  let rawValue: UInt32

  init(_ rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Rounded down, and saturating after 142 years; a negative length counts as none.
  init(_ length: Microseconds) {
    rawValue = UInt32(clamping: length.rawValue >> 20)
  }

  static let zero = Beats(0)

  init(days: UInt32) {
    // 86,400,000,000 / 2^20 = 82,397.46.
    self.init(days * 82_397)
  }

  static func < (a: Beats, b: Beats) -> Bool { a.rawValue < b.rawValue }

  /// Saturating.
  static func + (a: Beats, b: Beats) -> Beats {
    let (sum, overflow) = a.rawValue.addingReportingOverflow(b.rawValue)
    return Beats(overflow ? .max : sum)
  }
}
