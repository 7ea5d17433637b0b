import TokenCore

/// A report as JUnit's XML, which continuous integration shows: one suite of the token's, a case a
/// check, grouped as the checks are.
public struct JUnitReport {
  private let report: CheckReport

  public init(_ report: CheckReport) {
    self.report = report
  }

  /// The whole document, UTF-8.
  public var text: String {
    let counts =
      "tests=\"\(report.results.count)\" failures=\"\(report.failed)\" errors=\"0\" "
      + "skipped=\"\(report.skipped)\" time=\"\(seconds(report.results.map(\.duration)))\""
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<testsuites name=\"fob check\" \(counts)>",
      "  <testsuite name=\"\(Self.escaped(report.place))\" \(counts)>",
    ]
    if let facts = report.facts {
      lines += [
        "    <properties>",
        "      <property name=\"serial\" value=\"\(facts.serialNumber.text)\"/>",
        "      <property name=\"body\" value=\"\(facts.body)\"/>",
        "    </properties>",
      ]
    }
    for result in report.results { lines += element(result) }
    return (lines + ["  </testsuite>", "</testsuites>", ""]).joined(separator: "\n")
  }

  private func element(_ result: CheckResult) -> [String] {
    let start =
      "    <testcase classname=\"\(Self.escaped(result.group))\" "
      + "name=\"\(Self.escaped("\(result.id): \(result.title)"))\" "
      + "time=\"\(seconds([result.duration]))\""
    let detail: String
    switch result.outcome {
    case .passed: return [start + "/>"]
    case .skipped(let reason):
      detail = "      <skipped message=\"\(Self.escaped(reason))\"/>"
    case .failed(let deviation):
      let message = "expected \(deviation.expected), received \(deviation.received)"
      let text =
        "sent: \(deviation.sent)\nexpected: \(deviation.expected)\n"
        + "received: \(deviation.received)\nDocs/protocol.md, section \(result.section)"
      detail =
        "      <failure message=\"\(Self.escaped(message))\">\(Self.escaped(text))</failure>"
    }
    return [start + ">", detail, "    </testcase>"]
  }

  /// With three decimals.
  private func seconds(_ lengths: [Duration]) -> String {
    let (seconds, attoseconds) = lengths.reduce(Duration.zero, +).components
    let thousandths = String(1_000 + attoseconds / 1_000_000_000_000_000).dropFirst()
    return "\(seconds).\(thousandths)"
  }

  /// Text as an attribute or an element may hold it: what XML 1.0 has no way to write becomes U+FFFD,
  /// and line ends are kept.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&apos;"
      case "\t", "\n", "\r": escaped += "&#\(scalar.value);"
      case "\u{20}"..."\u{D7FF}", "\u{E000}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}":
        escaped.unicodeScalars.append(scalar)
      default: escaped += "\u{FFFD}"
      }
    }
    return escaped
  }
}

extension SerialNumber {
  /// Sixteen hexadecimal digits.
  var text: String { hexadecimal(rawValue).lowercased() }
}
