import OATH

/// A key as a person types it or copies it from a page: Base32 in groups, in lower case, with
/// spaces of any width, line breaks or dashes between them.
public struct TypedKey: Sendable {
  /// The longest text that is read, in bytes; a key of 64 bytes is shown in 103 characters.
  public static let sizeLimit = 1024

  /// The key, at least one byte. The one who owns the value wipes it.
  public var secret: [UInt8]

  /// Throws a `Failure` that names the character, counted from 1, and does not quote it.
  public init(parsing text: String) throws(Failure) {
    guard text.utf8.count <= Self.sizeLimit else { throw .tooLong(bytes: text.utf8.count) }
    if text.utf8.drop(while: ASCII.isWhitespace).map(ASCII.lowercased)
      .starts(with: "otpauth".utf8)
    {
      throw .address
    }
    var plain = text.unicodeScalars.map(Self.plain)
    defer { wipe(&plain) }
    do {
      secret = try KeyText.decode(plain)
    } catch {
      switch error.cause {
      case .foreignCharacter: throw .character(position: error.position + 1)
      case .cutShort, .noRoom: throw .cutShort
      case .characterAfterPadding, .wrongPadding, .strayBits:
        throw .padding(position: error.position + 1)
      }
    }
    guard !secret.isEmpty else { throw .empty }
  }

  /// The byte that stands for a character: itself in ASCII, ' ' and '-' for all that looks like
  /// them, and one that no key has for the rest. One for one, so that positions stay right.
  private static func plain(_ scalar: Unicode.Scalar) -> UInt8 {
    switch scalar.properties.generalCategory {
    case .spaceSeparator, .lineSeparator, .paragraphSeparator: return UInt8(ascii: " ")
    case .dashPunctuation: return UInt8(ascii: "-")
    default: break
    }
    switch scalar {
    case "\t", "\n", "\r": return UInt8(ascii: " ")
    // Invisible characters that come along with what is copied from a page: soft hyphen,
    // zero-width space and joiners, word joiner, byte order mark; and the minus sign.
    case "\u{AD}", "\u{200B}"..."\u{200D}", "\u{2060}", "\u{FEFF}": return UInt8(ascii: " ")
    case "\u{2212}": return UInt8(ascii: "-")
    default: return scalar.isASCII ? UInt8(scalar.value) : 0xFF
    }
  }
}

extension TypedKey: CustomStringConvertible, CustomReflectable {
  /// Its length, and nothing of the key.
  public var description: String { "a key of \(secret.count) bytes" }

  /// What `dump` and a failed test's report show: the description, not the stored secret.
  public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}

extension TypedKey {
  /// Why a text is not a key. Characters are counted from 1, with the spaces among them.
  public enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
    case empty
    /// More than `sizeLimit` bytes.
    case tooLong(bytes: Int)
    /// The text is an `otpauth:` address, with the key somewhere in it.
    case address
    /// A character that Base32 does not have.
    case character(position: Int)
    /// Padding ('=') in the wrong place or number.
    case padding(position: Int)
    /// A number of characters that no key has.
    case cutShort

    public var description: String {
      switch self {
      case .empty:
        "No key was given. Enter the letters and digits that the site shows with its QR code."
      case .tooLong(let bytes):
        "A text of \(bytes) bytes is no key. Enter just the letters and digits that the site "
          + "shows with its QR code."
      case .address:
        "This is a whole address, not just a key. Give it as an address, or enter only what "
          + "stands after 'secret='."
      case .character(let position):
        "Character \(position) of the key cannot be: a key has the letters A to Z and the digits "
          + "2 to 7. What looks like 0, 1 or 8 is the letter O, I or L, or B."
      case .padding(let position):
        "The '=' at or before character \(position) of the key is out of place. "
          + "Leave all of them out."
      case .cutShort:
        "The key ends too early: at least one character is missing. Compare it with the site's."
      }
    }
  }
}
