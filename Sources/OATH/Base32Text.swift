#if !hasFeature(Embedded)
  // Strings and arrays live on the heap, so these are for the host only.
  extension Base32 {
    /// The bytes that `text` holds. The caller wipes them.
    public static func decode(_ text: String) throws(Failure) -> [UInt8] {
      var utf8 = Array(text.utf8)
      defer { wipe(&utf8) }
      return try [UInt8](capacity: utf8.count) { (bytes) throws(Failure) in
        try decode(utf8.span, into: &bytes)
      }
    }

    /// `bytes` in upper case, without padding: the form that otpauth URIs carry.
    public static func encode(_ bytes: [UInt8]) -> String {
      String(unsafeUninitializedCapacity: encodedSize(bytes.count)) { buffer in
        var text = OutputSpan(buffer: buffer, initializedCount: 0)
        encode(bytes.span, into: &text)
        return text.finalize(for: buffer)
      }
    }
  }

  extension Base32.Failure: CustomStringConvertible {
    /// A sentence for the person who typed the text. It does not quote it, as that is a secret.
    public var description: String {
      switch cause {
      case .foreignCharacter:
        "character \(position + 1) is not Base32: only the letters A to Z and the digits 2 to 7 are"
      case .characterAfterPadding:
        "character \(position + 1) comes after '=', which only ends a Base32 text"
      case .wrongPadding:
        "character \(position + 1) is a '=' too many, or too few follow; they may be left out"
      case .cutShort:
        "the Base32 text ends too early: at least one character is missing"
      case .strayBits:
        "character \(position + 1), the last, is not one that a Base32 text of this length ends with"
      case .noRoom:
        "the Base32 text holds more bytes than there is room for"
      }
    }
  }
#endif
