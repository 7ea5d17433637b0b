/// A relative frequency or its error: 1,000 is one part per million.
public struct PartsPerBillion: Hashable, Comparable, Sendable {
  public let rawValue: Int32

  public init(_ rawValue: Int32) {
    self.rawValue = rawValue
  }

  public static let zero = PartsPerBillion(0)

  public static func < (a: PartsPerBillion, b: PartsPerBillion) -> Bool { a.rawValue < b.rawValue }

  /// This share of `length`, rounded towards zero; saturating from 136 million years on.
  public func share(of length: Microseconds) -> Microseconds {
    let (billions, rest) = length.rawValue.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
    let isNegative = (length.rawValue < 0) != (rawValue < 0)
    var share = UInt64(Int64.max)
    if let billions = UInt32(exactly: billions) {
      // Both factors have 32 bits at most, and the magnitude is 2^31 at most: the sum stays below 2^63.
      let magnitude = UInt64(rawValue.magnitude)
      share = UInt64(billions) * magnitude + UInt64(UInt32(rest)) * magnitude / 1_000_000_000
    }
    return Microseconds(isNegative ? -Int64(share) : Int64(share))
  }
}
