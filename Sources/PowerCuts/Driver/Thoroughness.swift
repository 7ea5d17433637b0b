/// How many ways to tear are tried, of those that there are.
package struct Thoroughness: Sendable {
  /// The most for each cut of an operation.
  package var tears: Int
  /// The most for each cut of a recovery; 0 to cut none.
  package var recoveryTears: Int
  /// One in so many of the states that a cut recovery leaves has its own recovery cut, once.
  package var deeper: UInt64

  package init(tears: Int, recoveryTears: Int, deeper: UInt64) {
    self.tears = tears
    self.recoveryTears = recoveryTears
    self.deeper = deeper
  }

  /// All ways where there are 256 or fewer.
  package static let long = Thoroughness(tears: 256, recoveryTears: 2, deeper: 8)
  package static let short = Thoroughness(tears: 6, recoveryTears: 1, deeper: 16)
  /// Enough to see a mistake.
  package static let brief = Thoroughness(tears: 3, recoveryTears: 0, deeper: 1)
}

/// What a run has done.
package struct CutFigures: Sendable {
  package var operations = 0
  /// Programs and erasures of operations, each of which was cut.
  package var flashOperations = 0
  package var erasures = 0
  /// Power cuts within operations.
  package var cuts = 0
  /// Power cuts within recoveries, and within recoveries from those.
  package var recoveryCuts = 0

  package init() {}

  package var allCuts: Int { cuts + recoveryCuts }

  package mutating func add(_ other: CutFigures) {
    operations += other.operations
    flashOperations += other.flashOperations
    erasures += other.erasures
    cuts += other.cuts
    recoveryCuts += other.recoveryCuts
  }
}
