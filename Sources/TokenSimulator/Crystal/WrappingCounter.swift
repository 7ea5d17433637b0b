import TokenCore

/// A counter of few bits, as chips have them, extended to 64 by whoever reads it often enough.
public struct WrappingCounter: Equatable, Sendable {
  /// `8 ... 63`.
  public let bits: Int
  private var last: UInt64 = 0

  /// - Precondition: `bits` is within `8 ... 63`.
  public init(bits: Int) {
    precondition((8...63).contains(bits))
    self.bits = bits
  }

  /// What the chip's register shows after so many ticks.
  public func register(at ticks: Ticks) -> UInt64 { ticks.rawValue & (1 << UInt64(bits) - 1) }

  /// All ticks so far, from the register; right if it wrapped once at most since the last reading.
  public mutating func extended(_ register: UInt64) -> Ticks {
    let mask: UInt64 = 1 << UInt64(bits) - 1
    last += (register &- last) & mask
    return Ticks(last)
  }
}
