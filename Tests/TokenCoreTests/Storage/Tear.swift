/// What marginal bits look like for a while.
enum MarginalReading: CaseIterable {
  case ones
  case zeros
  case random
}

/// Which of its changing bits an operation really changed.
enum Tear {
  case complete
  case nothing
  /// Those of the first bytes.
  case prefix(Int)
  /// Those of all but the first bytes.
  case suffix(Int)
  /// Any.
  case subset
  /// These in each byte; and those are marginal.
  case bits(UInt8, marginal: UInt8)
  /// None for certain: all are marginal.
  case halfway
  /// Some, and of the others some are marginal.
  case mixture

  /// - Returns: the bits that changed, and those that got stuck half way.
  func split(_ changing: UInt8, at index: Int, _ random: inout SplitMix) -> (UInt8, UInt8) {
    switch self {
    case .complete: return (changing, 0)
    case .nothing: return (0, 0)
    case .prefix(let length): return (index < length ? changing : 0, 0)
    case .suffix(let length): return (index >= length ? changing : 0, 0)
    case .subset: return (changing & random.byte(), 0)
    case .bits(let done, let halfway): return (changing & done, changing & halfway)
    case .halfway: return (0, changing)
    case .mixture:
      let done = changing & random.byte()
      return (done, changing & ~done & random.byte())
    }
  }
}

extension SplitMix {
  mutating func byte() -> UInt8 {
    UInt8(truncatingIfNeeded: next() >> 56)
  }
}
