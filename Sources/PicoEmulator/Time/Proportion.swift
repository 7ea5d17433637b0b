/// `value * numerator / denominator`, without a loss in between, rounded down; `UInt64.max` if it is
/// more than that.
///
/// - Precondition: `denominator` is not 0.
func scaled(_ value: UInt64, by numerator: UInt64, over denominator: UInt64) -> UInt64 {
  let (high, low) = value.multipliedFullWidth(by: numerator)
  guard high < denominator else { return .max }
  return denominator.dividingFullWidth((high, low)).quotient
}

/// The same, rounded up.
func scaledUp(_ value: UInt64, by numerator: UInt64, over denominator: UInt64) -> UInt64 {
  let (high, low) = value.multipliedFullWidth(by: numerator)
  guard high < denominator else { return .max }
  let (quotient, remainder) = denominator.dividingFullWidth((high, low))
  return remainder == 0 || quotient == .max ? quotient : quotient + 1
}
