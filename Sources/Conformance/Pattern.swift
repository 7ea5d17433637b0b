/// What `--only` takes: text that is to be found in an id, `*` standing for any text. Case counts.
struct Pattern {
  private let parts: [Substring]

  init(_ text: String) {
    parts = text.split(separator: "*")
  }

  func isFound(in id: String) -> Bool {
    var rest = id[...]
    for part in parts {
      guard let range = Self.range(of: part, in: rest) else { return false }
      rest = rest[range...]
    }
    return true
  }

  /// Where `rest` goes on behind the first `part` in it.
  private static func range(of part: Substring, in rest: Substring) -> String.Index? {
    var start = rest
    while !start.hasPrefix(part) {
      guard start.popFirst() != nil else { return nil }
    }
    return start.index(start.startIndex, offsetBy: part.count)
  }
}
