/// How many digits a code has: 6 to 10.
///
/// RFC 4226 asks for 6 at least. Ten hold every value of 31 bits; the tenth is 0, 1 or 2.
public struct Digits: RawRepresentable, Hashable, Comparable, Sendable {
  public let rawValue: Int

  public static let range = 6...10
  public static let six = Digits(unchecked: 6)
  public static let eight = Digits(unchecked: 8)

  /// Nothing outside of 6...10.
  @inlinable public init?(rawValue: Int) {
    guard rawValue >= 6, rawValue <= 10 else { return nil }
    self.init(unchecked: rawValue)
  }

  @usableFromInline init(unchecked rawValue: Int) { self.rawValue = rawValue }

  @inlinable public static func < (a: Digits, b: Digits) -> Bool { a.rawValue < b.rawValue }

  /// The last digits of a value of 31 bits: the remainder by a power of ten.
  ///
  /// The quotient is a multiplication by the reciprocal, since the time of a division (an
  /// instruction on some processors, a routine on others) tells something about the value.
  /// With m = ceil(2^s / p) and m·p - 2^s <= 2^(s-31), the product is exact for 31 bits.
  func lastDigits(of value: UInt32) -> UInt32 {
    switch rawValue {
    case 6: value &- 1_000_000 &* quotient(value, reciprocal: 2_251_799_814, shift: 51)
    case 7: value &- 10_000_000 &* quotient(value, reciprocal: 3_602_879_702, shift: 55)
    case 8: value &- 100_000_000 &* quotient(value, reciprocal: 2_882_303_762, shift: 58)
    case 9: value &- 1_000_000_000 &* quotient(value, reciprocal: 2_305_843_010, shift: 61)
    default: value
    }
  }
}

/// `value` divided by ten.
@inline(__always)
func tenth(of value: UInt32) -> UInt32 { quotient(value, reciprocal: 3_435_973_837, shift: 35) }

@inline(__always)
private func quotient(_ value: UInt32, reciprocal: UInt32, shift: UInt32) -> UInt32 {
  UInt32(truncatingIfNeeded: (UInt64(value) &* UInt64(reciprocal)) &>> UInt64(shift))
}
