import OATH
import TokenCore

/// Reads the fields of a response (Docs/protocol.md, section 3). Every length is checked against
/// what is there and against what the protocol allows; whatever does not fit is `nonsense`.
struct FieldReader {
  private let bytes: SecretBytes
  private var position: Int

  /// - Parameter bytes: the fields from `start` on. Wiped with the last reader of them, because
  ///   some carry recovery codes.
  init(_ bytes: SecretBytes, from start: Int = 0) {
    self.bytes = bytes
    position = min(start, bytes.count)
  }

  var isAtEnd: Bool { position == bytes.count }

  /// The tag of the next field, or `nil` at the end.
  var nextTag: UInt8? { isAtEnd ? nil : bytes[position] }

  /// The value of the next field, which has to be `tag`, with a length within `lengths`.
  mutating func value(
    of tag: Tag, _ lengths: ClosedRange<Int>
  ) throws(TokenFailure) -> [UInt8] {
    guard nextTag == tag.rawValue else { throw .nonsense("a field is missing in its answer") }
    let value = try anyValue()
    guard lengths.contains(value.count) else {
      throw .nonsense("a field of its answer has an impossible length")
    }
    return value
  }

  /// As `value(of:_:)`, or `nil` when the next field is another one or there is none.
  mutating func optionalValue(
    of tag: Tag, _ lengths: ClosedRange<Int>
  ) throws(TokenFailure) -> [UInt8]? {
    nextTag == tag.rawValue ? try value(of: tag, lengths) : nil
  }

  /// The value of a field of one byte.
  mutating func byte(of tag: Tag) throws(TokenFailure) -> UInt8 {
    try number(in: value(of: tag, 1...1))
  }

  /// Passes over fields that a newer token may add at the end of its answer.
  mutating func end() throws(TokenFailure) {
    while !isAtEnd { _ = try anyValue() }
  }

  // MARK: Values

  /// A number, most significant byte first. The value's length was asked for by the caller and
  /// fits `Number`.
  func number<Number: FixedWidthInteger>(in value: [UInt8]) -> Number {
    value.reduce(Number(0)) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }

  /// A point in time, 1970 to the end of 9999, so that arithmetic on it cannot overflow.
  mutating func time(of tag: Tag) throws(TokenFailure) -> UnixTime {
    let microseconds: Int64 = number(in: try value(of: tag, 8...8))
    guard (0...Self.latestTime).contains(microseconds) else {
      throw .nonsense("it gives a time outside the years 1970 to 9999")
    }
    return UnixTime(microseconds: microseconds)
  }

  /// A length of time, not negative.
  mutating func length(of tag: Tag) throws(TokenFailure) -> Microseconds {
    let microseconds: Int64 = number(in: try value(of: tag, 8...8))
    guard microseconds >= 0 else { throw .nonsense("it gives a negative length of time") }
    return Microseconds(microseconds)
  }

  /// Microseconds since 1970 at the end of the year 9999.
  static let latestTime: Int64 = 253_402_300_799_999_999

  // MARK: Steps

  /// The next field's value, whatever its tag. Not at the end.
  private mutating func anyValue() throws(TokenFailure) -> [UInt8] {
    position += 1
    let length = try fieldLength()
    guard length <= bytes.count - position else {
      throw .nonsense("a field of its answer is longer than the answer")
    }
    defer { position += length }
    return bytes.withBytes { all in (position..<position + length).map { all[$0] } }
  }

  /// One byte below 0x80; or 0x81 and one, or 0x82 and two.
  private mutating func fieldLength() throws(TokenFailure) -> Int {
    let first = try lengthByte()
    switch first {
    case 0..<0x80: return first
    case 0x81: return try lengthByte()
    case 0x82: return try lengthByte() << 8 | lengthByte()
    default: throw .nonsense("a field of its answer has no readable length")
    }
  }

  private mutating func lengthByte() throws(TokenFailure) -> Int {
    guard position < bytes.count else { throw .nonsense("its answer ends in the middle") }
    defer { position += 1 }
    return Int(bytes[position])
  }
}
