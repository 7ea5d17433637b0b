/// RFC 4226's moving factor C: the number that a code is computed for. A counter under HOTP, the
/// current step under TOTP.
public struct MovingFactor: Hashable, Comparable, Sendable {
  public let rawValue: UInt64

  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable public init(_ step: Step) { rawValue = step.rawValue }

  @inlinable public static func < (a: MovingFactor, b: MovingFactor) -> Bool {
    a.rawValue < b.rawValue
  }
}
