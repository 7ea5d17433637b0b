/// Base32 (RFC 4648, section 6), the way that sites show a key to be typed.
///
/// Taken besides the RFC's own form: lower case, spaces and hyphens anywhere, missing padding.
/// All else is refused: where, and why. Letters become values without branches or tables, as the
/// text is a secret.
public enum Base32 {
  /// Why a text is not Base32.
  public struct Failure: Error, Equatable, Sendable {
    public enum Cause: Sendable {
      /// Neither a letter A...Z nor a digit 2...7 (0, 1, 8 and 9 are not in the alphabet).
      case foreignCharacter
      /// After the padding began, only more of it may follow.
      case characterAfterPadding
      /// Padding that does not fill the last group of eight, or is more than that.
      case wrongPadding
      /// A last group of 1, 3 or 6 characters, which no number of bytes has: some are missing.
      case cutShort
      /// The last character has bits set that belong to no byte: it is wrong, or some are missing.
      case strayBits
      /// The bytes do not fit the room that there is for them.
      case noRoom
    }
    /// Where in the text, in bytes from 0; the end of the text for `cutShort` and `noRoom`.
    public let position: Int
    public let cause: Cause

    public init(position: Int, cause: Cause) {
      self.position = position
      self.cause = cause
    }
  }

  /// Appends the bytes of `text` to `output`. Where it throws, nothing was appended.
  public static func decode(
    _ text: Span<UInt8>, into output: inout OutputSpan<UInt8>
  ) throws(Failure) {
    let count = try check(text)
    guard count <= output.freeCapacity else { throw Failure(position: text.count, cause: .noRoom) }
    var bits: UInt32 = 0
    var available = 0
    for i in text.indices where !isSkipped(text[i]) && text[i] != padding {
      bits = bits &<< 5 | (value(text[i]) & 31)
      available += 5
      if available >= 8 {
        available -= 8
        output.append(UInt8(truncatingIfNeeded: bits &>> UInt32(available)))
      }
    }
  }

  /// Appends the Base32 of `bytes` to `text`, in upper case.
  ///
  /// - Precondition: `text` has room for `encodedSize(bytes.count, padded: padded)` bytes.
  public static func encode(
    _ bytes: Span<UInt8>, into text: inout OutputSpan<UInt8>, padded: Bool = false
  ) {
    var bits: UInt32 = 0
    var available = 0
    for i in bytes.indices {
      bits = bits &<< 8 | UInt32(bytes[i])
      available += 8
      while available >= 5 {
        available -= 5
        text.append(character(bits &>> UInt32(available) & 31))
      }
    }
    if available > 0 { text.append(character(bits &<< UInt32(5 - available) & 31)) }
    guard padded else { return }
    let missing = encodedSize(bytes.count, padded: true) - encodedSize(bytes.count, padded: false)
    for _ in 0..<missing { text.append(padding) }
  }

  /// How many characters so many bytes become.
  public static func encodedSize(_ count: Int, padded: Bool = false) -> Int {
    padded ? (count + 4) / 5 * 8 : (count * 8 + 4) / 5
  }

  // MARK: Steps

  private static let padding = UInt8(ascii: "=")

  private static func isSkipped(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-")
  }

  /// How many bytes the text holds; throws where it is not Base32.
  private static func check(_ text: Span<UInt8>) throws(Failure) -> Int {
    var characters = 0
    var paddings = 0
    var lastCharacter = 0
    var lastPadding = 0
    for i in text.indices where !isSkipped(text[i]) {
      if text[i] == padding {
        paddings += 1
        lastPadding = i
        guard (characters + paddings - 1) % 8 != 0 else {
          throw Failure(position: i, cause: .wrongPadding)
        }
      } else {
        guard paddings == 0 else { throw Failure(position: i, cause: .characterAfterPadding) }
        guard value(text[i]) != notInAlphabet else {
          throw Failure(position: i, cause: .foreignCharacter)
        }
        characters += 1
        lastCharacter = i
      }
    }
    let bits = characters * 5
    guard bits % 8 < 5 else { throw Failure(position: text.count, cause: .cutShort) }
    if paddings > 0, (characters + paddings) % 8 != 0 {
      throw Failure(position: lastPadding, cause: .wrongPadding)
    }
    let stray = UInt32(1) &<< UInt32(bits % 8) &- 1
    if characters > 0, value(text[lastCharacter]) & stray != 0 {
      throw Failure(position: lastCharacter, cause: .strayBits)
    }
    return bits / 8
  }

  private static let notInAlphabet: UInt32 = .max

  /// 0...31, or `notInAlphabet`.
  private static func value(_ byte: UInt8) -> UInt32 {
    let character = UInt32(byte)
    let upper = ConstantTime.contains(0x41...0x5a, character)
    let lower = ConstantTime.contains(0x61...0x7a, character)
    let digit = ConstantTime.contains(0x32...0x37, character)
    return upper & (character &- 0x41) | lower & (character &- 0x61)
      | digit & (character &- 0x32 &+ 26) | ~(upper | lower | digit)
  }

  /// The character of a value of 0...31.
  private static func character(_ value: UInt32) -> UInt8 {
    let letter = ConstantTime.contains(0...25, value)
    return UInt8(truncatingIfNeeded: ConstantTime.select(letter, value &+ 0x41, value &+ 0x18))
  }
}
