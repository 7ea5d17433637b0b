import Glibc

/// Where the token's random bytes come from: the system, or for tests one seed.
public struct EntropySource: Sendable {
  /// The state of splitmix64; `nil` for the system's source.
  private var state: UInt64?
  /// Whether the source fails its health test, as a broken one would.
  public var isFailing = false

  /// The system's source, getrandom(2).
  public static let system = EntropySource(state: nil)

  /// A sequence that `seed` determines; not fit to protect anything.
  public static func seeded(_ seed: UInt64) -> EntropySource {
    EntropySource(state: seed)
  }

  private init(state: UInt64?) {
    self.state = state
  }

  /// - Returns: `false` when the source fails; `bytes` are zero then.
  public mutating func fill(_ bytes: inout MutableSpan<UInt8>) -> Bool {
    guard !isFailing else {
      for index in bytes.indices { bytes[index] = 0 }
      return false
    }
    guard state != nil else {
      bytes.withUnsafeMutableBytes { bytes in
        if let start = bytes.baseAddress { arc4random_buf(start, bytes.count) }
      }
      return true
    }
    var word: UInt64 = 0
    for index in bytes.indices {
      if index % 8 == 0 { word = nextWord() }
      bytes[index] = UInt8(truncatingIfNeeded: word)
      word >>= 8
    }
    return true
  }

  private mutating func nextWord() -> UInt64 {
    let sum = (state ?? 0) &+ 0x9E37_79B9_7F4A_7C15
    state = sum
    var mixed = (sum ^ (sum >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
