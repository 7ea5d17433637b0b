import OATH

/// A credential as it lies in the store, and as it is worked with: bytes and a view on them.
///
/// | offset | bytes | field |
/// | --- | --- | --- |
/// | 0 | 1 | format: 2 for a key of more than 64 bytes, else 1 |
/// | 1 | 1 | `CredentialKind` |
/// | 2 | 1 | digits |
/// | 3 | 1 | `CredentialProperties` |
/// | 4 | 4 | incarnation |
/// | 8 | 4 | first moving factor of HOTP |
/// | 12 | 1 | name length n, `1 ... 64` |
/// | 13 | 1 | key length k, `1 ... 64`; in format 2 `65 ... 128` |
/// | 14 | n | name |
/// | 14 + n | k | key |
///
/// The *incarnation* is a random number of the credential's. Its HOTP counter and its recovery codes,
/// which are records of their own, carry the same number and are void under any other: so replacing the
/// one record replaces all three at one instant.
///
/// Format 1 came first, and all that it describes is still written in it: an older core reads what it
/// could have written itself, and takes no longer key for something that it is not.
struct CredentialRecord: ~Copyable {
  static let format: UInt8 = 1
  static let longKeyFormat: UInt8 = 2
  /// The longest key of format 1.
  static let longestKeyOfFormat1 = 64
  static let headerSize = 14

  /// The store reads records of any kind into this, hence its size.
  var bytes: InlineArray<480, UInt8> = InlineArray(repeating: 0)
  private(set) var count = 0
  private let pin = Pin()

  /// Whether there is a credential in it.
  var isEmpty: Bool { count == 0 }

  /// Takes over what the store wrote into `bytes`.
  ///
  /// - Returns: `false`, and is empty, when that is not a credential.
  mutating func adopt(length: Int) -> Bool {
    count = length
    guard length >= Self.headerSize, bytes[0] == Self.format(forKeyOf: keyLength),
      CredentialKind(rawValue: bytes[1]) != nil, Digits(rawValue: Int(bytes[2])) != nil,
      (1...AppletLimits.nameSize).contains(nameLength),
      (1...AppletLimits.keySize).contains(keyLength),
      length == Self.headerSize + nameLength + keyLength
    else {
      wipe()
      return false
    }
    return true
  }

  /// Composes a credential out of a request's fields. Name and key have their lengths in range.
  @inline(never)
  mutating func compose(
    kind: CredentialKind, digits: Digits, properties: CredentialProperties, incarnation: UInt32,
    firstCounter: UInt32, name: Span<UInt8>, key: Span<UInt8>
  ) {
    wipe()
    bytes[0] = Self.format(forKeyOf: key.count)
    bytes[1] = kind.rawValue
    bytes[2] = UInt8(digits.rawValue)
    bytes[3] = properties.rawValue
    var span = bytes.mutableSpan
    span.write(bigEndian: incarnation, at: 4)
    span.write(bigEndian: firstCounter, at: 8)
    bytes[12] = UInt8(name.count)
    bytes[13] = UInt8(key.count)
    for index in name.indices { bytes[Self.headerSize + index] = name[index] }
    let keyStart = Self.headerSize + name.count
    for index in key.indices { bytes[keyStart + index] = key[index] }
    count = keyStart + key.count
  }

  private static func format(forKeyOf length: Int) -> UInt8 {
    length > longestKeyOfFormat1 ? longKeyFormat : format
  }

  /// Gives the credential another name of `1 ... 64` bytes.
  mutating func rename(to name: Span<UInt8>) {
    let oldKey = keyRange
    let keyLength = oldKey.count
    let keyStart = Self.headerSize + name.count
    // The key moves towards or away from the start: copy in the order that overwrites nothing
    // unread.
    if keyStart <= oldKey.lowerBound {
      for index in 0..<keyLength { bytes[keyStart + index] = bytes[oldKey.lowerBound + index] }
    } else {
      for index in (0..<keyLength).reversed() {
        bytes[keyStart + index] = bytes[oldKey.lowerBound + index]
      }
    }
    for index in name.indices { bytes[Self.headerSize + index] = name[index] }
    bytes[12] = UInt8(name.count)
    let oldCount = count
    count = keyStart + keyLength
    for index in count..<max(count, oldCount) { bytes[index] = 0 }
  }

  mutating func setFirstCounter(_ counter: UInt32) {
    var span = bytes.mutableSpan
    span.write(bigEndian: counter, at: 8)
  }

  /// Becomes the same as `other`.
  mutating func copy(_ other: borrowing CredentialRecord) {
    wipe()
    for index in 0..<other.count { bytes[index] = other.bytes[index] }
    count = other.count
  }

  mutating func wipe() {
    var span = bytes.mutableSpan
    OATH.wipe(&span)
    count = 0
  }

  // MARK: Fields of a credential that is not empty

  var kind: CredentialKind {
    CredentialKind(rawValue: bytes[1]) ?? CredentialKind(type: .totp, algorithm: .sha1)
  }

  var digits: Digits { Digits(rawValue: Int(bytes[2])) ?? .six }

  var properties: CredentialProperties { CredentialProperties(rawValue: bytes[3]) }

  var incarnation: UInt32 { bytes.span.bigEndian(at: 4) }

  var firstCounter: UInt32 { bytes.span.bigEndian(at: 8) }

  var nameRange: Range<Int> { Self.headerSize..<Self.headerSize + nameLength }

  var keyRange: Range<Int> { nameRange.upperBound..<nameRange.upperBound + keyLength }

  private var nameLength: Int { Int(bytes[12]) }

  private var keyLength: Int { Int(bytes[13]) }

  @inline(never)
  func isNamed(_ name: Span<UInt8>) -> Bool {
    let range = nameRange
    guard range.count == name.count else { return false }
    for index in name.indices where bytes[range.lowerBound + index] != name[index] { return false }
    return true
  }
}
