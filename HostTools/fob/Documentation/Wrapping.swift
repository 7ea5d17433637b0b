extension String {
  /// The text with the characters that have an entry replaced by it.
  ///
  /// The standard library's `replacing` would load the regular expressions, a millisecond of each
  /// run.
  func substituting(_ replacements: [Character: String]) -> String {
    map { replacements[$0] ?? String($0) }.joined()
  }
}

/// Breaks running text into lines.
enum Wrapping {
  /// `text` in lines of at most `width` columns, each after the first indented by `indent`. A word
  /// that is longer than that gets a line of its own.
  static func wrap(_ text: String, width: Int, indent: Int = 0) -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      let room = width - (lines.isEmpty ? 0 : indent)
      if !line.isEmpty, Printable.columns(line) + 1 + Printable.columns(String(word)) > room {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    lines.append(line)
    return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
  }

  /// Two columns: terms, and what they mean, the latter wrapped.
  static func table(_ rows: [(term: String, meaning: String)], width: Int) -> String {
    let longest = rows.map { Printable.columns($0.term) }.max() ?? 0
    let column = min(longest, 26) + 4
    return rows.map { row in
      let meaning = wrap(row.meaning, width: max(20, width - column), indent: column)
      // A term that is too long for its column has the line for itself.
      let head =
        Printable.columns(row.term) + 4 > column
        ? "  \(row.term)\n" + String(repeating: " ", count: column)
        : Printable.padded("  \(row.term)", to: column)
      return head + meaning + "\n"
    }.joined()
  }
}
