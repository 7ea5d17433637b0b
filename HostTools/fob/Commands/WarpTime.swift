import TokenCore
import TokenSimulator

/// A length of time on the command line: `90s`, `2h`, `30d`.
enum WarpTime {
  private static let units: [(name: String, seconds: Int64)] = [
    ("s", 1), ("min", 60), ("h", 3600), ("d", 86_400),
  ]

  /// - Returns: up to 100 years.
  static func parse(_ text: String) throws(FobError) -> Microseconds {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count)
    guard let number = Int64(digits),
      let scale = units.first(where: { $0.name == unit })?.seconds
    else {
      throw FobError(
        .usage, "TIME takes a whole number with s, min, h or d after it, such as 90s.")
    }
    let (seconds, overflow) = number.multipliedReportingOverflow(by: scale)
    let limit = ControlRequest.longestWarp.rawValue / 1_000_000
    guard !overflow, seconds <= limit else {
      throw FobError(.usage, "TIME is at most \(limit / 86_400)d.")
    }
    return Microseconds(seconds * 1_000_000)
  }

  /// A temperature in whole degrees Celsius.
  static func celsius(_ text: String) throws(FobError) -> Int {
    let range = SimulatedClock.temperatures
    guard let number = Int(text), range.contains(number), !text.hasPrefix("+") else {
      throw FobError(
        .usage,
        "--temperature takes whole degrees Celsius, \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }
}
