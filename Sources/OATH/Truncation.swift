/// RFC 4226, 5.3, dynamic truncation: 31 bits of an HMAC, from where its last four bits point to.
public struct Truncation: Sendable {
  /// Below 2^31.
  public let value: UInt32

  /// The low four bits of the last byte are an offset, 0...15; the four bytes there are the value,
  /// the top bit dropped. They lie within the first 19 bytes of the digest, whichever hash it is.
  ///
  /// The digest is kept in registers: of its first five 32-bit words two neighbours are selected
  /// by masks and shifted together. So neither a branch nor an address depends on the digest.
  @inline(__always)
  init<H: HashFunction>(of digest: borrowing InlineArray<8, H.Word>, from hash: H.Type) {
    let last = UInt32(truncatingIfNeeded: digest[H.digestWords - 1])
    let word = last &>> 2 & 3
    var high: UInt32 = 0
    var low: UInt32 = 0
    for i in 0..<4 {
      let mask = ConstantTime.isEqual(word, UInt32(i))
      high |= mask & Truncation.word(i, of: digest)
      low |= mask & Truncation.word(i + 1, of: digest)
    }
    // In two shifts, as one by 32 - 0 would be a shift by the whole width.
    let shift = (last & 3) &* 8
    value = (high &<< shift | (low &>> 1) &>> (31 &- shift)) & 0x7fff_ffff
  }

  /// The truncation of a digest in bytes, of which there are at least 20.
  ///
  /// Every word that the offset may point to is looked at, and a mask picks the one.
  public init(of digest: Span<UInt8>) {
    let offset = UInt32(digest[digest.count - 1] & 15)
    var value: UInt32 = 0
    var word: UInt32 = 0
    for index in 0..<19 {
      word = word &<< 8 | UInt32(digest[index])
      value |= word & ConstantTime.isEqual(offset &+ 3, UInt32(index))
    }
    self.value = value & 0x7fff_ffff
  }

  /// A value that something else truncated, such as a token; nothing at 2^31 or above.
  public init?(value: UInt32) {
    guard value < 1 << 31 else { return nil }
    self.value = value
  }

  /// The code: the last `digits` decimal digits of the value.
  public func code(_ digits: Digits) -> Code {
    Code(value: digits.lastDigits(of: value), digits: digits)
  }

  /// The digest's 32-bit word at 4·`index`.
  @inline(__always)
  private static func word<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ index: Int, of digest: borrowing InlineArray<8, Word>
  ) -> UInt32 {
    if Word.bitWidth == 32 { return UInt32(truncatingIfNeeded: digest[index]) }
    let half = index & 1 == 0 ? digest[index / 2] >> 32 : digest[index / 2]
    return UInt32(truncatingIfNeeded: half)
  }
}
