import TokenCore

/// How the LED shows what the token is about.
///
/// | indication | LED |
/// | --- | --- |
/// | idle | dark |
/// | working | lit |
/// | wants touch | two flashes a second |
/// | wink | eight flashes a second, for two seconds; then as idle |
struct Indicator {
  private var indication = Indication.idle
  private var since = Ticks(0)

  static let slowHalf: UInt64 = 250_000
  static let fastHalf: UInt64 = 62_500
  static let winkLength: UInt64 = 2_000_000

  mutating func show(_ indication: Indication, at now: Ticks) {
    // The answer to WINK must not end the winking.
    if indication == .idle, self.indication == .wink { return }
    self.indication = indication
    since = now
  }

  /// - Parameter now: in microseconds.
  mutating func isLit(at now: Ticks) -> Bool {
    let elapsed = now.elapsed(since: since)
    switch indication {
    case .idle: return false
    case .working: return true
    case .wantsTouch: return elapsed / Self.slowHalf % 2 == 0
    case .wink:
      guard elapsed < Self.winkLength else {
        indication = .idle
        return false
      }
      return elapsed / Self.fastHalf % 2 == 0
    }
  }

  /// Whether the LED has to be looked after as time passes.
  var isAnimated: Bool {
    switch indication {
    case .idle, .working: false
    case .wantsTouch, .wink: true
    }
  }
}
