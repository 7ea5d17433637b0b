import TokenClient

/// Makes text that others chose, such as names on a token, safe to show: nothing in it can move the
/// cursor, change colours, or turn the direction of writing.
enum Printable {
  /// `text` with everything that is not seen as itself replaced by U+FFFD.
  static func text(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var safe = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      safe.append(isUnsafe(scalar) ? "\u{FFFD}" : scalar)
    }
    return String(safe)
  }

  /// A word from the command line in quotes, for an error; longer ones are not repeated, since
  /// they may be secrets that went astray.
  static func short(_ word: String) -> String {
    word.count <= 24 ? "'\(text(word))'" : "of that name"
  }

  /// Whether a person would not see the character as itself.
  static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool { HiddenCharacters.contain(scalar) }

  /// How many columns of a terminal the text takes, about: wide scripts count twice, marks that
  /// combine not at all.
  static func columns(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + columns($1) }
  }

  /// `text` with spaces up to `width` columns.
  static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - columns(text)))
  }

  /// `text` cut to `width` columns, with an ellipsis where something is missing.
  static func cut(_ text: String, to width: Int) -> String {
    guard columns(text) > width else { return text }
    var kept = ""
    for character in text {
      guard columns(kept) + columns(String(character)) < width else { break }
      kept.append(character)
    }
    return kept + "…"
  }

  /// `text` without white space at its ends.
  static func trimmed(_ text: String) -> String {
    let kept = text.drop(while: \.isWhitespace)
    guard let last = kept.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(kept[...last])
  }

  private static func columns(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      return 2
    default:
      return 1
    }
  }
}
