import OATH

/// A code that is taken once in the place of the token's: ten characters, shown as "XXXXX-XXXXX".
///
/// The alphabet leaves out what is mistaken for something else (0 and O, 1, I and L). The 31
/// characters left make 49.5 bits a code. A code always has a letter, so that it is never mistaken
/// for the token's.
struct BackupCode: Equatable {
  static let alphabet = Array("23456789ABCDEFGHJKMNPQRSTUVWXYZ".utf8)
  static let length = 10
  static let groupLength = 5
  /// What a code looks like, for messages; no real code has repeated groups of one letter.
  static let example = "XXXXX-XXXXX"

  /// The ten characters, without the hyphen; this is what is hashed.
  let text: String

  init(random: RandomSource) throws(Refusal) {
    var characters: [UInt8] = []
    repeat {
      characters = []
      for _ in 0..<Self.length {
        characters.append(Self.alphabet[try random.number(below: Self.alphabet.count)])
      }
    } while !characters.contains(where: Self.isLetter)
    text = String(decoding: characters, as: UTF8.self)
  }

  /// Reads what a person typed: lower case, spaces and hyphens are fine.
  init?(parsing typed: String) {
    let characters = Array(typed.uppercased().utf8).filter { !LoginEntry.isSeparator($0) }
    guard characters.count == Self.length, characters.allSatisfy(Self.alphabet.contains),
      characters.contains(where: Self.isLetter)
    else { return nil }
    text = String(decoding: characters, as: UTF8.self)
  }

  /// With the hyphen.
  var shown: String { text.prefix(Self.groupLength) + "-" + text.dropFirst(Self.groupLength) }

  private static func isLetter(_ character: UInt8) -> Bool { character >= UInt8(ascii: "A") }
}

/// A fresh set of backup codes. This is the only time it is in the clear; the database has hashes.
public struct BackupCodes: Equatable, Sendable, CustomStringConvertible {
  /// Codes of a set.
  public static let count = 10

  /// "XXXXX-XXXXX", to be shown once.
  public let codes: [String]

  /// One a line, to download.
  public var text: String { codes.map { $0 + "\n" }.joined() }

  public var description: String { "\(codes.count) backup codes" }
}

/// What was typed into the prompt for the code: the token's code or a backup code.
enum LoginEntry: Equatable {
  /// ASCII digits.
  case code([UInt8])
  case backup(BackupCode)

  /// Nil if it is neither. Spaces and hyphens are left out.
  init?(parsing typed: String, digits: Digits) {
    let characters = Array(typed.utf8).filter { !Self.isSeparator($0) }
    if characters.count == digits.rawValue && characters.allSatisfy(Self.isDigit) {
      self = .code(characters)
    } else if let code = BackupCode(parsing: typed) {
      self = .backup(code)
    } else {
      return nil
    }
  }

  static func isSeparator(_ character: UInt8) -> Bool {
    character == UInt8(ascii: " ") || character == UInt8(ascii: "-")
  }

  private static func isDigit(_ character: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character)
  }
}
