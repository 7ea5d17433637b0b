import Glibc
import TokenCore

/// Lengths and points of time in a person's words.
enum DurationText {
  /// `0.4 s`, `12 s`, `3 min 20 s`, `5 h 10 min`, `12 d 4 h`: the two largest units.
  static func of(_ length: Microseconds) -> String {
    let microseconds = length.magnitude.rawValue
    if microseconds < 1_000_000 {
      let thousandths = microseconds / 1000
      if microseconds == 0 { return "0 s" }
      if thousandths == 0 { return "less than 0.001 s" }
      let digits = String(1000 + thousandths).dropFirst()
      return "0.\(digits) s"
    }
    let seconds = microseconds / 1_000_000
    let units: [(name: String, seconds: Int64)] = [
      ("d", 86_400), ("h", 3600), ("min", 60), ("s", 1),
    ]
    // The last unit covers every whole number of seconds, so that there is a first one.
    let first = units.firstIndex { seconds >= $0.seconds } ?? 3
    let head = "\(seconds / units[first].seconds) \(units[first].name)"
    guard first < 3 else { return head }
    let rest = seconds % units[first].seconds / units[first + 1].seconds
    return rest == 0 ? head : "\(head) \(rest) \(units[first + 1].name)"
  }

  /// `2026-11-24 12:00:00 CET`: in the person's time zone.
  static func local(_ time: UnixTime) -> String {
    var seconds = time_t(time.seconds)
    var parts = tm()
    guard localtime_r(&seconds, &parts) != nil else { return "\(time.seconds)" }
    var text = [CChar](repeating: 0, count: 64)
    let count = strftime(&text, text.count, "%Y-%m-%d %H:%M:%S %Z", &parts)
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Seconds with six digits after the point, for JSON.
  static func seconds(_ length: Microseconds) -> Double {
    Double(length.rawValue) / 1_000_000
  }
}
