import Foundation
import Testing

/// The lock matrix as Docs/protocol.md, section 11, has it.
struct LockMatrix {
  /// The first row: `command`, then the states.
  let header: [String]
  /// The others: a command, then its status word in each state.
  let rows: [[String]]

  init() throws {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    let page = try String(
      contentsOf: root.appendingPathComponent("Docs/protocol.md"), encoding: .utf8)
    let section = page.components(separatedBy: "\n## ").first { $0.hasPrefix("11.") } ?? ""
    let table = section.split(separator: "\n").filter { $0.hasPrefix("| ") }
      .map { line in
        line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      }
    header = try #require(table.first)
    rows = Array(table.dropFirst(2))
  }
}
