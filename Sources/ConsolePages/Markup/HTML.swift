/// A piece of HTML.
///
/// It is made of literals alone, which are the page's own markup; every text that is put into one
/// is escaped on its way in, for an element's content and for a value between quotes alike. There
/// is no way from a `String` to markup: what a person typed stays text whatever it looks like.
///
///     let greeting: HTML = "<p>Signed in as <b>\(account.email)</b></p>"
struct HTML: Sendable, ExpressibleByStringInterpolation {
  /// The markup.
  fileprivate(set) var text: String

  /// A literal of the program: a `StaticString`, which nothing at run time can make.
  init(stringLiteral literal: StaticString) { text = literal.description }
  init(stringInterpolation parts: Parts) { text = parts.text }

  static func + (one: HTML, other: HTML) -> HTML {
    var sum = one
    sum.text += other.text
    return sum
  }

  struct Parts: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 32 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: StaticString) { text += literal.description }

    /// A text, escaped.
    mutating func appendInterpolation(_ unsafe: String) {
      for character in unsafe.unicodeScalars {
        switch character {
        case "&": text += "&amp;"
        case "<": text += "&lt;"
        case ">": text += "&gt;"
        case "\"": text += "&quot;"
        case "'": text += "&#39;"
        default: text.unicodeScalars.append(character)
        }
      }
    }

    mutating func appendInterpolation(_ number: some BinaryInteger) { text += String(number) }
    mutating func appendInterpolation(_ part: HTML) { text += part.text }
    mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { text += part.text } }

    /// A part that is there under a condition.
    mutating func appendInterpolation(
      if condition: Bool, _ part: @autoclosure () -> HTML, else other: HTML = ""
    ) {
      text += condition ? part().text : other.text
    }

    /// A part that is there if a value is.
    mutating func appendInterpolation<Value>(_ value: Value?, _ part: (Value) -> HTML) {
      if let value { text += part(value).text }
    }
  }
}
