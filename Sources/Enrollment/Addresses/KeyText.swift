import OATH

/// Base32 as keys are really written.
enum KeyText {
  /// The key in the text. The caller wipes both.
  ///
  /// Besides what `Base32` takes, the last character may have bits that belong to no byte. Sites
  /// that draw a key character by character leave them there, and every app ignores them.
  static func decode(_ text: [UInt8]) throws(Base32.Failure) -> [UInt8] {
    do {
      return try decodeStrictly(text)
    } catch {
      guard error.cause == .strayBits else { throw error }
    }
    // Filled up with zeros to a whole group, such a text is strict Base32 for a longer key.
    var characters = text.filter { !"-= ".utf8.contains($0) }
    defer { wipe(&characters) }
    let size = characters.count * 5 / 8
    while characters.count % 8 != 0 { characters.append(UInt8(ascii: "A")) }
    var longer = try decodeStrictly(characters)
    defer { wipe(&longer) }
    return Array(longer.prefix(size))
  }

  private static func decodeStrictly(_ text: [UInt8]) throws(Base32.Failure) -> [UInt8] {
    try [UInt8](capacity: text.count) { (bytes) throws(Base32.Failure) in
      try Base32.decode(text.span, into: &bytes)
    }
  }
}
