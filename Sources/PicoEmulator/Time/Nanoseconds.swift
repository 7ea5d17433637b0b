/// A length of emulated time; or a moment, as the length since the model was made.
///
/// 64 bits of nanoseconds are 584 years.
public struct Nanoseconds: Hashable, Comparable, Sendable {
  public let rawValue: UInt64

  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }

  public static let zero = Nanoseconds(0)
  /// A moment that never comes.
  public static let never = Nanoseconds(.max)

  public static func microseconds(_ count: UInt64) -> Nanoseconds { Nanoseconds(count * 1_000) }
  public static func milliseconds(_ count: UInt64) -> Nanoseconds { Nanoseconds(count * 1_000_000) }
  public static func seconds(_ count: UInt64) -> Nanoseconds { Nanoseconds(count * 1_000_000_000) }

  /// At most `never`.
  public static func + (a: Nanoseconds, b: Nanoseconds) -> Nanoseconds {
    let (sum, overflow) = a.rawValue.addingReportingOverflow(b.rawValue)
    return Nanoseconds(overflow ? .max : sum)
  }

  /// At least `zero`.
  public static func - (a: Nanoseconds, b: Nanoseconds) -> Nanoseconds {
    Nanoseconds(a.rawValue > b.rawValue ? a.rawValue - b.rawValue : 0)
  }

  public static func < (a: Nanoseconds, b: Nanoseconds) -> Bool { a.rawValue < b.rawValue }
}

/// A number of events a second.
public struct Hertz: Hashable, Comparable, Sendable {
  public let rawValue: UInt64

  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// How often something of this frequency happens in `length`, rounded down.
  func count(in length: Nanoseconds) -> UInt64 {
    scaled(length.rawValue, by: rawValue, over: 1_000_000_000)
  }

  /// The time in which something of this frequency happens `count` times, rounded up; `never` for a
  /// frequency of 0.
  func length(of count: UInt64) -> Nanoseconds {
    rawValue == 0 ? .never : Nanoseconds(scaledUp(count, by: 1_000_000_000, over: rawValue))
  }

  public static func < (a: Hertz, b: Hertz) -> Bool { a.rawValue < b.rawValue }
}

extension Hertz: CustomStringConvertible {
  /// `48 MHz`, `6.5 MHz`, `32768 Hz`.
  public var description: String {
    guard rawValue >= 1_000_000, rawValue % 1_000 == 0 else { return "\(rawValue) Hz" }
    let thousandths = rawValue % 1_000_000 / 1_000
    guard thousandths > 0 else { return "\(rawValue / 1_000_000) MHz" }
    var digits = String(String(thousandths + 1_000).dropFirst())
    while digits.last == "0" { digits.removeLast() }
    return "\(rawValue / 1_000_000).\(digits) MHz"
  }
}
