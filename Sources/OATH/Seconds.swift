/// A Unix time or a length of time, in whole seconds.
public struct Seconds: Hashable, Comparable, Sendable {
  public let rawValue: Int64

  @inlinable public init(_ rawValue: Int64) { self.rawValue = rawValue }

  @inlinable public static func < (a: Seconds, b: Seconds) -> Bool { a.rawValue < b.rawValue }
}
