/// Watches a source of random bytes for failure: the two continuous tests of NIST SP 800-90B, 4.4, for
/// samples of a byte that are believed to hold at least one bit of entropy each.
///
/// A source that has failed once is not trusted again until the power goes.
public struct HealthTest: Sendable {
  /// Repetition count, 4.4.1: 1 + ⌈20 / H⌉ equal bytes in a row come by chance once in 2^20 samples.
  static let longestRepetition = 21
  /// Adaptive proportion, 4.4.2: one value at most this often in a window; table 2 for H = 1.
  static let mostInWindow = 311
  static let windowSize = 512

  public private(set) var hasFailed = false
  private var last: UInt8 = 0
  private var repetitions = 0
  private var reference: UInt8 = 0
  private var seen = 0
  private var matches = 0

  public init() {}

  /// Takes a sample into account.
  public mutating func observe(_ sample: UInt8) {
    repetitions = sample == last ? repetitions + 1 : 1
    last = sample
    if seen == 0 {
      reference = sample
      matches = 0
    }
    if sample == reference { matches += 1 }
    seen = (seen + 1) % Self.windowSize
    if repetitions >= Self.longestRepetition || matches >= Self.mostInWindow { hasFailed = true }
  }
}
