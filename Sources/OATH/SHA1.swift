/// SHA-1 (FIPS 180-4, 6.1): 20 bytes of digest, blocks of 64 bytes.
///
/// Broken where collisions matter. Under HMAC, which is all that OATH uses it for, it is not.
public struct SHA1: HashFunction {
  public static var algorithm: HashAlgorithm { .sha1 }

  public static var initialState: InlineArray<8, UInt32> {
    [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0, 0, 0, 0]
  }

  public var progress: HashProgress<UInt32>

  @inlinable public init() { progress = HashProgress(state: Self.initialState) }

  /// Eighty rounds over a schedule that is expanded first, five rounds to a turn of the loops:
  /// after five, the working variables have gone once round and no word has to be moved.
  @inline(never)
  public static func compress(
    _ block: borrowing InlineArray<16, UInt32>, into state: inout InlineArray<8, UInt32>
  ) {
    var w = InlineArray<80, UInt32>(repeating: 0)
    for t in 0..<16 { w[t] = block[t] }
    for t in 16..<80 { w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1) }

    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for t in stride(from: 0, to: 20, by: 5) {
      mix(a, &b, choose(b, c, d), &e, 0x5a82_7999, w[t])
      mix(e, &a, choose(a, b, c), &d, 0x5a82_7999, w[t + 1])
      mix(d, &e, choose(e, a, b), &c, 0x5a82_7999, w[t + 2])
      mix(c, &d, choose(d, e, a), &b, 0x5a82_7999, w[t + 3])
      mix(b, &c, choose(c, d, e), &a, 0x5a82_7999, w[t + 4])
    }
    for t in stride(from: 20, to: 40, by: 5) {
      mix(a, &b, parity(b, c, d), &e, 0x6ed9_eba1, w[t])
      mix(e, &a, parity(a, b, c), &d, 0x6ed9_eba1, w[t + 1])
      mix(d, &e, parity(e, a, b), &c, 0x6ed9_eba1, w[t + 2])
      mix(c, &d, parity(d, e, a), &b, 0x6ed9_eba1, w[t + 3])
      mix(b, &c, parity(c, d, e), &a, 0x6ed9_eba1, w[t + 4])
    }
    for t in stride(from: 40, to: 60, by: 5) {
      mix(a, &b, majority(b, c, d), &e, 0x8f1b_bcdc, w[t])
      mix(e, &a, majority(a, b, c), &d, 0x8f1b_bcdc, w[t + 1])
      mix(d, &e, majority(e, a, b), &c, 0x8f1b_bcdc, w[t + 2])
      mix(c, &d, majority(d, e, a), &b, 0x8f1b_bcdc, w[t + 3])
      mix(b, &c, majority(c, d, e), &a, 0x8f1b_bcdc, w[t + 4])
    }
    for t in stride(from: 60, to: 80, by: 5) {
      mix(a, &b, parity(b, c, d), &e, 0xca62_c1d6, w[t])
      mix(e, &a, parity(a, b, c), &d, 0xca62_c1d6, w[t + 1])
      mix(d, &e, parity(e, a, b), &c, 0xca62_c1d6, w[t + 2])
      mix(c, &d, parity(d, e, a), &b, 0xca62_c1d6, w[t + 3])
      mix(b, &c, parity(c, d, e), &a, 0xca62_c1d6, w[t + 4])
    }
    state[0] &+= a
    state[1] &+= b
    state[2] &+= c
    state[3] &+= d
    state[4] &+= e
  }

  /// One round. `b` is rotated for the rounds that follow, `e` becomes the next `a`.
  @inline(__always)
  private static func mix(
    _ a: UInt32, _ b: inout UInt32, _ f: UInt32, _ e: inout UInt32, _ k: UInt32, _ w: UInt32
  ) {
    e = e &+ f &+ k &+ w &+ rotate(a, 5)
    b = rotate(b, 30)
  }

  @inline(__always)
  private static func choose(_ b: UInt32, _ c: UInt32, _ d: UInt32) -> UInt32 { d ^ (b & (c ^ d)) }

  @inline(__always)
  private static func parity(_ b: UInt32, _ c: UInt32, _ d: UInt32) -> UInt32 { b ^ c ^ d }

  @inline(__always)
  private static func majority(_ b: UInt32, _ c: UInt32, _ d: UInt32) -> UInt32 {
    (b & c) | (d & (b | c))
  }

  @inline(__always)
  private static func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { x &<< n | x &>> (32 - n) }
}
