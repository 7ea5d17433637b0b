import Foundation
import JSON
import Testing

/// What a page breaks of the rules in `page-rules.js`.
struct Violation: Equatable, CustomStringConvertible {
  let rule: String
  let place: String
  let text: String

  var description: String { "\(rule): \(place) \(text)" }
}

enum PageRules {
  private static let script: String = {
    let file = Bundle.module.url(forResource: "page-rules", withExtension: "js")
    return file.flatMap { try? String(contentsOf: $0, encoding: .utf8) } ?? ""
  }()

  /// What the page breaks as it is shown now.
  static func violations(_ browser: Browser) throws -> [Violation] {
    try #require(!script.isEmpty)
    let list = try browser.run(script)
    return try #require(list.array).map {
      Violation(
        rule: $0["rule"]?.string ?? "", place: $0["where"]?.string ?? "",
        text: $0["says"]?.string ?? "")
    }
  }

  /// Requires all rules of the page, on a desktop and on a phone, in light and in dark.
  static func check(
    _ browser: Browser, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for scheme in Browser.Scheme.allCases {
      try browser.prefer(scheme)
      for window in [Browser.Window.phone, .desktop] {
        try browser.resize(window)
        let broken = try violations(browser)
        let lines = broken.map { "\($0)" }.joined(separator: "\n")
        #expect(
          broken.isEmpty, "\(name), \(scheme), \(window.width) px wide:\n\(lines)",
          sourceLocation: sourceLocation)
      }
    }
    try browser.prefer(.light)
  }
}
