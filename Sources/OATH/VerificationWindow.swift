/// The steps that a verifier accepts around the one it expects (RFC 6238, 5.2 and 6).
public struct VerificationWindow: Sendable {
  /// How many earlier steps are accepted: 0 or more.
  public let behind: Int
  /// How many later steps are accepted: 0 or more.
  public let ahead: Int

  /// Each step of the window costs one code at every verification, and gives a guess one more
  /// chance. RFC 6238 recommends one step behind.
  public init(behind: Int, ahead: Int) {
    precondition(behind >= 0 && ahead >= 0, "a window reaches 0 or more steps to each side")
    self.behind = behind
    self.ahead = ahead
  }

  /// Which step the submitted code belongs to, if to any of the window.
  ///
  /// Looks at every step, whatever it finds, and in the same time. Two steps have the same code
  /// once in a million pairs; then it is the nearer one, and of two as near the later one.
  /// Steps before 0 or after 2^64 - 1 do not exist and are left out.
  ///
  /// - Parameter submitted: ASCII digits, as many as `digits` says; anything else does not match.
  public func match(
    _ submitted: Span<UInt8>, key: borrowing OATHKey, digits: Digits, around step: Step
  ) -> Step? {
    var found: UInt64 = 0
    var match: UInt64 = 0
    // From the farthest to the nearest, so that the last match is the one to keep.
    for distance in stride(from: max(behind, ahead), through: 0, by: -1) {
      if distance <= behind, distance > 0, let earlier = step.advanced(by: -distance) {
        let mask = matches(submitted, key: key, digits: digits, at: earlier)
        match = ConstantTime.select(mask, earlier.rawValue, match)
        found |= mask
      }
      if distance <= ahead || distance == 0, let later = step.advanced(by: distance) {
        let mask = matches(submitted, key: key, digits: digits, at: later)
        match = ConstantTime.select(mask, later.rawValue, match)
        found |= mask
      }
    }
    return found == 0 ? nil : Step(match)
  }

  /// All ones if `submitted` is the code at `step`, else zero.
  private func matches(
    _ submitted: Span<UInt8>, key: borrowing OATHKey, digits: Digits, at step: Step
  ) -> UInt64 {
    var text = InlineArray<10, UInt8>(repeating: 0)
    var span = text.mutableSpan
    let count = HOTP.code(key: key, at: MovingFactor(step), digits: digits).writeDigits(into: &span)
    var difference = UInt64(truncatingIfNeeded: count ^ submitted.count)
    for i in 0..<min(count, submitted.count) { difference |= UInt64(span[i] ^ submitted[i]) }
    return ConstantTime.isZero(difference)
  }
}
