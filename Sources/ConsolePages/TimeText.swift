import Glibc
import OATH

/// Times of day as pages and answers show them, in UTC.
enum TimeText {
  /// `2026-11-24T15:04:05Z` (RFC 3339).
  static func exact(_ time: Seconds) -> String { format(time, "%Y-%m-%dT%H:%M:%SZ") }

  /// With the exact time for programs, and a shorter one for people.
  static func html(_ time: Seconds) -> HTML {
    "<time datetime=\"\(exact(time))\">\(format(time, "%Y-%m-%d %H:%M")) UTC</time>"
  }

  /// `15:04:05`.
  static func clock(_ time: Seconds) -> String { format(time, "%H:%M:%S") }

  private static func format(_ time: Seconds, _ pattern: String) -> String {
    var seconds = time_t(time.rawValue)
    var parts = tm()
    guard gmtime_r(&seconds, &parts) != nil else { return "never" }
    var text = [CChar](repeating: 0, count: 64)
    let count = strftime(&text, text.count, pattern, &parts)
    return String(decoding: text[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
