/// SHA-256 (FIPS 180-4, 6.2): 32 bytes of digest, blocks of 64 bytes.
public struct SHA256: HashFunction {
  public static var algorithm: HashAlgorithm { .sha256 }

  public static var initialState: InlineArray<8, UInt32> {
    [
      0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
      0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
  }

  public var progress: HashProgress<UInt32>

  @inlinable public init() { progress = HashProgress(state: Self.initialState) }

  /// 64 rounds in turns of sixteen, each followed by the next sixteen words of the schedule, which
  /// take the place of the last. The working variables stay where they are, and change their names: in
  /// round t, a is at -t, b at 1 - t, and so on, modulo 8.
  @inline(never)
  public static func compress(
    _ block: borrowing InlineArray<16, UInt32>, into state: inout InlineArray<8, UInt32>
  ) {
    var w = copy block
    var v = copy state
    var t = 0
    while true {
      sixteenTurns { turn in mix(&v, turn, k[unchecked: t + turn] &+ w[turn]) }
      t += 16
      if t == 64 { break }
      expand(&w)
    }
    for i in 0..<8 { state[i] &+= v[i] }
  }

  /// The next sixteen words of the schedule, each in the place of the one sixteen before it.
  @inline(__always)
  private static func expand(_ w: inout InlineArray<16, UInt32>) {
    sixteenTurns { t in
      w[t] &+=
        scheduleSigma1(w[(t + 14) & 15]) &+ w[(t + 9) & 15] &+ scheduleSigma0(w[(t + 1) & 15])
    }
  }

  /// One round, in place: `d` becomes the next `e`, `h` the next `a`.
  @inline(__always)
  private static func mix(_ v: inout InlineArray<8, UInt32>, _ turn: Int, _ kw: UInt32) {
    let (a, b, c, d) = (-turn & 7, (1 - turn) & 7, (2 - turn) & 7, (3 - turn) & 7)
    let (e, f, g, h) = ((4 - turn) & 7, (5 - turn) & 7, (6 - turn) & 7, (7 - turn) & 7)
    let t1 = v[h] &+ sum1(v[e]) &+ (v[g] ^ (v[e] & (v[f] ^ v[g]))) &+ kw
    v[d] = v[d] &+ t1
    v[h] = t1 &+ sum0(v[a]) &+ ((v[a] & v[b]) | (v[c] & (v[a] | v[b])))
  }

  @inline(__always)
  private static func sum0(_ x: UInt32) -> UInt32 { rotate(x, 2) ^ rotate(x, 13) ^ rotate(x, 22) }

  @inline(__always)
  private static func sum1(_ x: UInt32) -> UInt32 { rotate(x, 6) ^ rotate(x, 11) ^ rotate(x, 25) }

  @inline(__always)
  private static func scheduleSigma0(_ x: UInt32) -> UInt32 {
    rotate(x, 7) ^ rotate(x, 18) ^ x &>> 3
  }

  @inline(__always)
  private static func scheduleSigma1(_ x: UInt32) -> UInt32 {
    rotate(x, 17) ^ rotate(x, 19) ^ x &>> 10
  }

  @inline(__always)
  private static func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { x &>> n | x &<< (32 - n) }
}

/// The round constants: the first 32 bits of the fractions of the cube roots of the first
/// 64 primes. A global, so that it is read-only data and never built at run time.
private let k: InlineArray<64, UInt32> = [
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1,
  0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3,
  0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786,
  0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
  0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147,
  0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13,
  0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
  0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
  0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a,
  0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
  0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
]
