/// Percent-encoding (RFC 3986, section 2.1) of UTF-8.
enum PercentEncoding {
  /// Why a part of an address cannot be decoded.
  enum Failure: Error {
    /// A '%' without two hexadecimal digits after it.
    case badEscape
    /// The bytes are not UTF-8.
    case notUTF8
  }

  /// The bytes that `text` stands for. Characters that should have been escaped, spaces among
  /// them, stand for themselves.
  ///
  /// Throws `badEscape`.
  static func bytes(of text: some Collection<UInt8>) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var rest = text[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(hexValue),
        let low = rest.popFirst().flatMap(hexValue)
      else { throw .badEscape }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  /// The same as text. Throws `badEscape`, `notUTF8`.
  static func string(of text: some Collection<UInt8>) throws(Failure) -> String {
    guard let string = String(validating: try bytes(of: text), as: UTF8.self) else {
      throw .notUTF8
    }
    return string
  }

  /// `text` with everything escaped but the unreserved characters (RFC 3986, section 2.3), which
  /// every reader of addresses takes in every place.
  static func encode(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      if isUnreserved(byte) {
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += byte < 16 ? "%0" + digits : "%" + digits
      }
    }
    return encoded
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch Unicode.Scalar(byte) {
    case "A"..."Z", "a"..."z", "0"..."9", "-", ".", "_", "~": true
    default: false
    }
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch Unicode.Scalar(byte) {
    case "0"..."9": byte - UInt8(ascii: "0")
    case "A"..."F": byte - UInt8(ascii: "A") + 10
    case "a"..."f": byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
