/// The parameters of an `otpauth:` address: those with a meaning here, still encoded.
struct OTPAuthQuery {
  /// The parameters of the Key URI Format. Sites add others (`image`, `creator`, `serial`…),
  /// which are passed over.
  enum Key: String, CaseIterable, Sendable {
    case secret, issuer, algorithm, digits, period, counter
  }

  private var values: [Key: ArraySlice<UInt8>] = [:]

  /// Divides what stands after the '?'. Keys may be in any case.
  ///
  /// Throws `duplicate` for a key that is there twice, even with the same value: which of them an
  /// app takes is anyone's guess.
  init(parsing query: ArraySlice<UInt8>) throws(OTPAuthURI.Failure) {
    for parameter in query.split(separator: UInt8(ascii: "&")) {
      let name = parameter.prefix { $0 != UInt8(ascii: "=") }
      var lowered = name.map(ASCII.lowercased)[...]
      // An address that was taken out of a page's source has '&amp;' between its parameters.
      if lowered.starts(with: "amp;".utf8) { lowered = lowered.dropFirst("amp;".utf8.count) }
      guard let key = Key(rawValue: String(decoding: lowered, as: UTF8.self)) else { continue }
      guard values[key] == nil else { throw .duplicate(key.rawValue) }
      values[key] = parameter[name.endIndex...].dropFirst()
    }
  }

  /// The decoded bytes of a parameter's value, nil where it is absent.
  ///
  /// Throws `badEscape`.
  func bytes(of key: Key) throws(OTPAuthURI.Failure) -> [UInt8]? {
    guard let value = values[key] else { return nil }
    do {
      return try PercentEncoding.bytes(of: Self.spacesForPluses(value))
    } catch {
      throw OTPAuthURI.Failure(error, in: key.rawValue)
    }
  }

  /// The value as text. Throws `badEscape`, `notUTF8`.
  func string(of key: Key) throws(OTPAuthURI.Failure) -> String? {
    guard let bytes = try bytes(of: key) else { return nil }
    guard let string = String(validating: bytes, as: UTF8.self) else {
      throw .notUTF8(key.rawValue)
    }
    return string
  }

  /// The value as a number in decimal digits and nothing else; `invalid` is thrown for others.
  func number<Number: FixedWidthInteger>(
    of key: Key, invalid: OTPAuthURI.Failure
  ) throws(OTPAuthURI.Failure) -> Number? {
    guard let bytes = try bytes(of: key) else { return nil }
    let isDecimal = bytes.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard isDecimal, let number = Number(String(decoding: bytes, as: UTF8.self)) else {
      throw invalid
    }
    return number
  }

  /// A form's encoding writes a space as '+', an address's leaves a '+' alone; sites use both. A
  /// single one between two words is a space ("Site+Name"), any other is itself ("C++").
  private static func spacesForPluses(_ value: ArraySlice<UInt8>) -> [UInt8] {
    let plus = UInt8(ascii: "+")
    let bytes = Array(value)
    return bytes.indices.map { index in
      guard bytes[index] == plus, index > 0, index + 1 < bytes.count,
        bytes[index - 1] != plus, bytes[index + 1] != plus
      else { return bytes[index] }
      return UInt8(ascii: " ")
    }
  }
}
