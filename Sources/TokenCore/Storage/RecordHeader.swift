/// The first 16 bytes of a record.
///
/// | offset | bytes | what |
/// | --- | --- | --- |
/// | 0 | 1 | kind |
/// | 1 | 1 | key, 0 … 199; 0xFF for the removal of all |
/// | 2 | 2 | length of the body in bytes, 0 … 480, big-endian |
/// | 4 | 4 | sequence number, big-endian |
/// | 8 | 4 | CRC-32 of bytes 0 … 7 and the body, big-endian |
/// | 12 | 1 | number of zero bits in bytes 0 … 11, 0 … 96 |
/// | 13 | 1 | state, see `RecordState` |
/// | 14 | 2 | 0xFF; zero once overwritten |
///
/// The zero count makes a torn header known for certain: a program that was cut, or an overwriting
/// of a whole header that was cut, changes the count and the byte that states it in opposite
/// directions (a Berger code).
struct RecordHeader {
  static let size = StoreGeometry.unitSize

  /// How many bytes are programmed together: all before the state.
  static let programmedSize = 13

  static let stateOffset = 13

  /// What a record with the largest body takes, in bytes.
  static let largestRecord = size + RecordStore.valueSize

  enum Kind: UInt8 {
    /// The key has the value in the body.
    case value = 0x5A
    /// The key has no value any more.
    case removal = 0xC3
    /// No key has a value any more.
    case removalOfAll = 0x3C
  }

  /// What the removal of all has in place of a key.
  static let noKey: UInt8 = 0xFF

  var kind: Kind
  var key: UInt8
  /// Bytes in the body, `0 ... 480`.
  var length: Int
  /// Orders the records of a key: the highest one counts.
  var sequence: UInt32
  var checksum: UInt32

  /// The header of a record that is yet to be written, for `body`.
  init(_ kind: Kind, key: UInt8, sequence: UInt32, body: Span<UInt8>) {
    self.kind = kind
    self.key = key
    self.length = body.count
    self.sequence = sequence
    self.checksum = 0
    self.checksum = checksum(of: body)
  }

  /// Reads a header from 16 bytes; nil if they are none, or a torn one.
  init?(parsing bytes: Span<UInt8>) {
    guard Int(bytes[12]) == Self.zeroBits(bytes), let kind = Kind(rawValue: bytes[0]) else {
      return nil
    }
    self.kind = kind
    key = bytes[1]
    length = Int(bytes.bigEndian(at: 2) as UInt16)
    sequence = bytes.bigEndian(at: 4)
    checksum = bytes.bigEndian(at: 8)
    guard length <= RecordStore.valueSize, sequence < UInt32.max else { return nil }
    guard Int(key) < RecordKey.count || (kind == .removalOfAll && key == Self.noKey) else {
      return nil
    }
  }

  /// What the record takes of its sector, header and padding included: 16 … 496 bytes.
  var recordSize: Int { Self.recordSize(forBody: length) }

  /// What a record with a body of `length` bytes takes of its sector.
  static func recordSize(forBody length: Int) -> Int {
    size + (length + StoreGeometry.unitSize - 1) / StoreGeometry.unitSize * StoreGeometry.unitSize
  }

  /// Writes the 13 bytes before the state.
  func write(into bytes: inout MutableSpan<UInt8>) {
    bytes[0] = kind.rawValue
    bytes[1] = key
    bytes.write(bigEndian: UInt16(length), at: 2)
    bytes.write(bigEndian: sequence, at: 4)
    bytes.write(bigEndian: checksum, at: 8)
    bytes[12] = UInt8(Self.zeroBits(bytes.span))
  }

  /// The CRC that `body` should have under this header.
  func checksum(of body: Span<UInt8>) -> UInt32 {
    var fields = InlineArray<16, UInt8>(repeating: 0)
    var bytes = fields.mutableSpan
    write(into: &bytes)
    var crc = CRC32()
    crc.update(fields.span.extracting(0..<8))
    crc.update(body)
    return crc.value
  }

  /// Zero bits in the first 12 bytes.
  private static func zeroBits(_ bytes: Span<UInt8>) -> Int {
    var count = 0
    for index in 0..<12 {
      count += (~bytes[index]).nonzeroBitCount
    }
    return count
  }
}
