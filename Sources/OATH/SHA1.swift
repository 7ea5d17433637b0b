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

  /// Eighty rounds in sixteen turns of five: after five, the working variables have gone once round
  /// and no word has to be moved. Each turn expands the schedule by the five words that lie sixteen
  /// ahead of its own; the last one that is needed comes with one too many, hence 81.
  @inline(never)
  public static func compress(
    _ block: borrowing InlineArray<16, UInt32>, into state: inout InlineArray<8, UInt32>
  ) {
    var w = InlineArray<81, UInt32>(repeating: 0)
    for t in 0..<16 { w[t] = block[t] }
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    sixteenTurns { turn in
      if turn <= 12 { expand(&w, from: 5 * turn + 16) }
      // Four turns, twenty rounds, have one function and one constant.
      five(&w, 5 * turn, in: turn >> 2, &a, &b, &c, &d, &e)
    }
    state[0] &+= a
    state[1] &+= b
    state[2] &+= c
    state[3] &+= d
    state[4] &+= e
  }

  /// Five words of the schedule.
  @inline(__always)
  private static func expand(_ w: inout InlineArray<81, UInt32>, from t: Int) {
    for i in t..<t + 5 { w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1) }
  }

  /// Five rounds with the words from `t` on.
  @inline(__always)
  private static func five(
    _ w: inout InlineArray<81, UInt32>, _ t: Int, in phase: Int,
    _ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32, _ d: inout UInt32, _ e: inout UInt32
  ) {
    let k = constant(in: phase)
    mix(a, &b, f(b, c, d, in: phase), &e, k, w[t])
    mix(e, &a, f(a, b, c, in: phase), &d, k, w[t + 1])
    mix(d, &e, f(e, a, b, in: phase), &c, k, w[t + 2])
    mix(c, &d, f(d, e, a, in: phase), &b, k, w[t + 3])
    mix(b, &c, f(c, d, e, in: phase), &a, k, w[t + 4])
  }

  /// One round. `b` is rotated for the rounds that follow, `e` becomes the next `a`.
  @inline(__always)
  private static func mix(
    _ a: UInt32, _ b: inout UInt32, _ f: UInt32, _ e: inout UInt32, _ k: UInt32, _ w: UInt32
  ) {
    e = e &+ f &+ k &+ w &+ rotate(a, 5)
    b = rotate(b, 30)
  }

  /// FIPS 180-4, 4.2.1.
  @inline(__always)
  private static func constant(in phase: Int) -> UInt32 {
    switch phase {
    case 0: 0x5a82_7999
    case 1: 0x6ed9_eba1
    case 2: 0x8f1b_bcdc
    default: 0xca62_c1d6
    }
  }

  /// FIPS 180-4, 4.1.1: Ch, Parity, Maj, Parity.
  @inline(__always)
  private static func f(_ b: UInt32, _ c: UInt32, _ d: UInt32, in phase: Int) -> UInt32 {
    switch phase {
    case 0: d ^ (b & (c ^ d))
    case 2: (b & c) | (d & (b | c))
    default: b ^ c ^ d
    }
  }

  @inline(__always)
  private static func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { x &<< n | x &>> (32 - n) }
}
