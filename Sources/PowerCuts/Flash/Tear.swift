/// What marginal bits look like for a while.
package enum MarginalReading: Int, CaseIterable, Sendable {
  case ones
  case zeros
  /// Each time anew.
  case random
}

/// Which of its changing bits an operation really changed.
package enum Tear: Sendable {
  case complete
  case nothing
  /// Those of the first bytes.
  case prefix(Int)
  /// Those of all but the first bytes.
  case suffix(Int)
  /// Any.
  case subset
  /// Few or nearly all: each bit with a chance of `1 ... 15` in 16.
  case share(UInt64)
  /// These in each byte; and those are marginal.
  case bits(UInt8, marginal: UInt8)
  /// None for certain: all are marginal.
  case halfway
  /// Some, and of the others some are marginal.
  case mixture
  /// The changing bits in order, as the digits of a number, lowest first: 0 for a bit that did not
  /// change, 1 for one that did, 2 (in base 3) for a marginal one.
  case choice(Int, base: Int)

  /// Takes the bits of one byte after the other.
  ///
  /// - Returns: the bits that changed, and those that got stuck half way.
  mutating func split(_ changing: UInt8, at index: Int, _ random: inout SplitMix) -> (UInt8, UInt8)
  {
    switch self {
    case .complete: return (changing, 0)
    case .nothing: return (0, 0)
    case .prefix(let length): return (index < length ? changing : 0, 0)
    case .suffix(let length): return (index >= length ? changing : 0, 0)
    case .subset: return (changing & random.byte(), 0)
    case .share(let share):
      var done: UInt8 = 0
      for bit in 0..<8 where random.next() % 16 < share { done |= 1 << bit }
      return (changing & done, 0)
    case .bits(let done, let halfway): return (changing & done, changing & halfway)
    case .halfway: return (0, changing)
    case .mixture:
      let done = changing & random.byte()
      return (done, changing & ~done & random.byte())
    case .choice(var number, let base):
      var done: UInt8 = 0
      var halfway: UInt8 = 0
      for bit in 0..<8 where changing >> bit & 1 == 1 {
        if number % base == 1 { done |= 1 << bit }
        if number % base == 2 { halfway |= 1 << bit }
        number /= base
      }
      self = .choice(number, base: base)
      return (done, halfway)
    }
  }
}

extension Tear {
  /// The most changing bits of which every way to tear them is tried, marginal ones included: 3⁴ = 81.
  static let mostForMarginal = 4
  /// The most changing bits of which every subset is tried: 2⁸ = 256.
  static let mostForSubsets = 8

  /// How many ways to tear an operation of `bits` changing bits there are to choose from; nil for more
  /// than can all be tried.
  static func count(forBits bits: Int) -> Int? {
    switch bits {
    case 0: 1
    case 1...mostForMarginal: (0..<bits).reduce(1) { product, _ in product * 3 }
    case ...mostForSubsets: 1 << bits
    default: nil
    }
  }

  /// The way to tear that is called `number`.
  ///
  /// - Parameters:
  ///   - bits: how many bits the operation changes.
  ///   - length: how many bytes it may touch.
  ///   - borders: lengths at which parts of a header end.
  init(number: Int, bits: Int, length: Int, borders: [Int], _ random: inout SplitMix) {
    if bits <= Self.mostForMarginal {
      self = .choice(number, base: 3)
    } else if bits <= Self.mostForSubsets, number < 1 << bits {
      self = .choice(number, base: 2)
    } else {
      let part = (borders + [.random(in: 0...length, using: &random)])
        .randomElement(using: &random)!
      switch number % 10 {
      case 0: self = .nothing
      case 1: self = .complete
      case 2: self = .mixture
      case 3: self = .halfway
      case 4: self = .prefix(part)
      case 5: self = .suffix(part)
      case 6: self = .share(random.next() % 15 + 1)
      case 7: self = .subset
      default: self = .mixture
      }
    }
  }
}
