import Foundation

/// A generator that gives the same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// The seeds of a property: new ones in every run, or the one that a failure named.
enum Seeds {
  private static let variable = "WATCHFOB_SEED"

  static func fresh(_ count: Int) -> [UInt64] {
    if let named = ProcessInfo.processInfo.environment[variable].flatMap({ UInt64($0) }) {
      return [named]
    }
    return (0..<count).map { _ in UInt64.random(in: 0...UInt64.max) }
  }

  /// What a failure prints.
  static func repeatLine(_ seed: UInt64) -> String {
    "repeat with: \(variable)=\(seed) swift test --filter EnrollmentTests"
  }
}
