/// Reads the fields of a request one after the other, and believes no length.
struct FieldReader {
  private var offset = 0

  init() {}

  /// Where the next field begins: bytes of the data field that were taken.
  var position: Int { offset }

  /// Whether nothing is left.
  func isAtEnd(of request: borrowing CommandAPDU) -> Bool {
    offset == request.count
  }

  /// The tag that comes next, without taking it.
  func nextTag(in request: borrowing CommandAPDU) -> UInt8? {
    offset < request.count ? request.data[offset] : nil
  }

  /// Takes a field of `tag`.
  ///
  /// - Returns: where its value lies in the request's data field.
  /// - Throws: `wrongData` when another tag comes next, or the value is not all there or its
  ///   length not in `sizes`.
  mutating func take(
    _ tag: Tag, sizes: ClosedRange<Int>, in request: borrowing CommandAPDU
  ) throws(StatusWord) -> Range<Int> {
    guard nextTag(in: request) == tag.rawValue else { throw .wrongData }
    var position = offset + 1
    let length = try Self.length(at: &position, in: request)
    guard sizes.contains(length), length <= request.count - position else { throw .wrongData }
    offset = position + length
    return position..<offset
  }

  /// Takes YKOATH's property field, which has no length byte, if it comes next.
  mutating func takeProperties(in request: borrowing CommandAPDU) throws(StatusWord)
    -> CredentialProperties
  {
    guard nextTag(in: request) == Tag.property.rawValue else { return [] }
    guard offset + 2 <= request.count else { throw .wrongData }
    let known: CredentialProperties = [.onlyIncreasing, .touch]
    let properties = CredentialProperties(rawValue: request.data[offset + 1])
    guard properties.isSubset(of: known) else { throw .wrongData }
    offset += 2
    return properties
  }

  /// - Throws: `wrongData` when something is left.
  func end(of request: borrowing CommandAPDU) throws(StatusWord) {
    guard isAtEnd(of: request) else { throw .wrongData }
  }

  /// One byte below 0x80, or 0x81 and one, or 0x82 and two.
  private static func length(
    at position: inout Int, in request: borrowing CommandAPDU
  ) throws(StatusWord) -> Int {
    guard position < request.count else { throw .wrongData }
    let first = request.data[position]
    position += 1
    guard first >= 0x80 else { return Int(first) }
    let bytes = Int(first & 0x7F)
    guard bytes == 1 || bytes == 2, bytes <= request.count - position else { throw .wrongData }
    var length = 0
    for _ in 0..<bytes {
      length = length << 8 | Int(request.data[position])
      position += 1
    }
    return length
  }
}
