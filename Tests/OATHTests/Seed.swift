import Foundation

/// A seed that a randomised test starts from, printed with every failure.
struct Seed: CustomStringConvertible {
  let rawValue: UInt64

  /// So many seeds: new ones in every run, or the one that WATCHFOB_SEED holds.
  static func fresh(_ count: Int) -> [Seed] {
    if let text = ProcessInfo.processInfo.environment["WATCHFOB_SEED"], let value = UInt64(text) {
      return [Seed(rawValue: value)]
    }
    return (0..<count).map { _ in Seed(rawValue: .random(in: 0...UInt64.max)) }
  }

  var description: String { "repeat with: WATCHFOB_SEED=\(rawValue) swift test --filter OATHTests" }

  var generator: SplitMix64 { SplitMix64(state: rawValue) }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers from the same seed, everywhere.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }
}
