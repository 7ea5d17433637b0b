/// Text from a token, a picture or a file, made safe to show: it can neither move the cursor, nor
/// reorder what stands around it, nor hide anything.
public enum DisplayText {
  /// `bytes` as UTF-8. Bytes that are none are shown as `\xNN`; `HiddenCharacters` as
  /// `\u{…}`; the rest as it is.
  public static func escaped(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    var rest = Array(bytes)[...]
    while let first = rest.first {
      if let scalar = leadingScalar(of: rest) {
        text += escaped(scalar)
        rest = rest.dropFirst(UTF8.width(scalar))
      } else {
        text += "\\x" + hexadecimal(UInt32(first), digits: 2)
        rest = rest.dropFirst()
      }
    }
    return text
  }

  public static func escaped(_ text: String) -> String {
    escaped(text.utf8)
  }

  /// The scalar that well-formed UTF-8 begins with.
  private static func leadingScalar(of bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
    var decoder = UTF8()
    var iterator = bytes.prefix(4).makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
    return scalar
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    HiddenCharacters.contain(scalar)
      ? "\\u{" + hexadecimal(scalar.value, digits: 1) + "}" : String(scalar)
  }

  private static func hexadecimal(_ number: UInt32, digits: Int) -> String {
    let text = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
