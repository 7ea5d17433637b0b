/// How results are set off on a terminal; plain where there is none, or where NO_COLOR asks for it.
enum Style: Sendable {
  case plain
  case coloured

  func bold(_ text: String) -> String { wrapped(text, "1") }
  func dim(_ text: String) -> String { wrapped(text, "2") }
  func good(_ text: String) -> String { wrapped(text, "32") }
  func urgent(_ text: String) -> String { wrapped(text, "31") }

  /// ECMA-48 SGR around the text.
  private func wrapped(_ text: String, _ parameter: String) -> String {
    switch self {
    case .plain: text
    case .coloured: "\u{1B}[\(parameter)m\(text)\u{1B}[0m"
    }
  }
}
