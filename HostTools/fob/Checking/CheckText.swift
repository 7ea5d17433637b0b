import Conformance
import JSON
import TokenCore

/// The words of `fob check`.
enum CheckText {
  static func list(_ checks: [Check], _ invocation: Invocation, _ console: Console) {
    if invocation.has(.json) {
      let objects = checks.map { check -> JSON in
        [
          "id": .string(check.id), "title": .string(check.title),
          "section": .string(check.section), "slow": .bool(check.isSlow),
        ]
      }
      return console.line(JSON.array(objects).indentedText)
    }
    for check in checks {
      console.line(row(check.id, check.title) + (check.isSlow ? " (slow)" : ""))
    }
  }

  private static let idWidth = Check.all.map { $0.id.count }.max() ?? 0

  private static func row(_ id: String, _ title: String) -> String {
    "\(Printable.padded(id, to: idWidth))  \(title)"
  }

  /// A result as lines: one, or four when it failed.
  static func lines(_ result: CheckResult, _ style: Style) -> [String] {
    let text = row(result.id, result.title)
    switch result.outcome {
    case .passed: return ["\(style.good("✓")) \(text)"]
    case .skipped(let reason): return [style.dim("– \(text): not checked, \(reason)")]
    case .failed(let deviation):
      return [
        "\(style.urgent("✗")) \(style.bold(text))",
        "    sent      \(Printable.text(deviation.sent))",
        "    expected  \(Printable.text(deviation.expected))",
        "    received  \(Printable.text(deviation.received))",
        "    see       Docs/protocol.md, section \(result.section)",
      ]
    }
  }

  static func summary(_ report: CheckReport) -> String {
    let end = report.wasInterrupted || report.loss != nil ? "; the rest was not reached" : ""
    return "\(report.results.count) checks: \(report.passed) passed, \(report.failed) failed, "
      + "\(report.skipped) not checked\(end)."
  }

  static func json(_ report: CheckReport) -> JSON {
    var object: JSON = [
      "token": .string(report.place),
      "passed": .integer(report.passed), "failed": .integer(report.failed),
      "notChecked": .integer(report.skipped),
      "complete": .bool(!report.wasInterrupted && report.loss == nil),
      "checks": .array(report.results.map(json)),
    ]
    if let facts = report.facts {
      object["serial"] = .string(facts.serialNumber.text)
      object["body"] = .string(facts.body.text)
    }
    return object
  }

  private static func json(_ result: CheckResult) -> JSON {
    let (seconds, attoseconds) = result.duration.components
    var object: JSON = [
      "id": .string(result.id), "title": .string(result.title),
      "section": .string(result.section),
      "seconds": .number(Double(seconds) + Double(attoseconds) / 1e18),
    ]
    switch result.outcome {
    case .passed: object["outcome"] = "passed"
    case .skipped(let reason):
      object["outcome"] = "not checked"
      object["reason"] = .string(reason)
    case .failed(let deviation):
      object["outcome"] = "failed"
      object["sent"] = .string(deviation.sent)
      object["expected"] = .string(deviation.expected)
      object["received"] = .string(deviation.received)
    }
    return object
  }
}
