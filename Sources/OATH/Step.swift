/// RFC 6238's T: how many whole periods have passed since T0.
public struct Step: Hashable, Comparable, Sendable {
  public let rawValue: UInt64

  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// The step so many later, or earlier if negative. Nothing before step 0 or after 2^64 - 1.
  @inlinable public func advanced(by distance: Int) -> Step? {
    let magnitude = UInt64(distance.magnitude)
    let (sum, overflow) =
      distance < 0
      ? rawValue.subtractingReportingOverflow(magnitude)
      : rawValue.addingReportingOverflow(magnitude)
    return overflow ? nil : Step(sum)
  }

  @inlinable public static func < (a: Step, b: Step) -> Bool { a.rawValue < b.rawValue }
}
