/// Words for computing on secrets: no branch and no address depends on a value, only on a length.
///
/// Truth is a mask, all ones or all zeros, so that it can be combined and selected with.
public enum ConstantTime {
  /// Whether both hold the same bytes. The time tells their lengths, never where they differ.
  @inlinable
  public static func equal(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    var difference: UInt32 = 0
    for i in a.indices { difference |= UInt32(a[i] ^ b[i]) }
    return isZero(difference) != 0
  }

  /// All ones if `x` is zero, else zero.
  @inlinable
  public static func isZero<Word: FixedWidthInteger & UnsignedInteger>(_ x: Word) -> Word {
    ((x | (0 &- x)) &>> Word(Word.bitWidth - 1)) &- 1
  }

  /// All ones if `x` and `y` are the same, else zero.
  @inlinable
  public static func isEqual<Word: FixedWidthInteger & UnsignedInteger>(
    _ x: Word, _ y: Word
  ) -> Word {
    isZero(x ^ y)
  }

  /// All ones if `x` lies in `range`, else zero. Both bounds and `x` are below half of `Word`'s range.
  @inlinable
  public static func contains<Word: FixedWidthInteger & UnsignedInteger>(
    _ range: ClosedRange<Word>, _ x: Word
  ) -> Word {
    // A difference of two such numbers is negative, and has the top bit, exactly where x is outside.
    let outside = (x &- range.lowerBound) | (range.upperBound &- x)
    return (outside &>> Word(Word.bitWidth - 1)) &- 1
  }

  /// `x` where `mask` is all ones, `y` where it is zero.
  @inlinable
  public static func select<Word: FixedWidthInteger & UnsignedInteger>(
    _ mask: Word, _ x: Word, _ y: Word
  ) -> Word {
    y ^ (mask & (x ^ y))
  }
}
