/// The first 32 bytes of a sector.
///
/// | offset | bytes | what |
/// | --- | --- | --- |
/// | 0 | 4 | "WFOB" |
/// | 4 | 1 | format, 1 |
/// | 5 | 1 | bytes in a unit, 16 |
/// | 6 | 2 | sectors in the ring, big-endian |
/// | 8 | 4 | bytes in a sector, big-endian |
/// | 12 | 4 | sequence number, big-endian; 0xFFFFFFFF while the sector is blank |
/// | 16 | 4 | complement of the sequence number; 0xFFFFFFFF while the sector is blank |
/// | 20 | 1 | filled: 0x00 once the sector counts, with all that was copied into it |
/// | 21 | 1 | passed: 0x00 once the next sector counts |
/// | 22 | 10 | 0xFF |
///
/// Bytes 0 … 11, the identity, are the same in every sector. They are programmed when an erasure is
/// complete and cleared before one begins, so that a sector that only looks erased has none. Number
/// and complement make a torn number known for certain.
struct SectorHeader {
  static let size = 32

  /// "WFOB".
  static let magic: UInt32 = 0x5746_4F42
  static let format: UInt8 = 1

  static let identitySize = 12
  static let sequenceOffset = 12
  /// The identity and the number with its complement.
  static let numberedSize = 20
  static let filledOffset = 20
  static let passedOffset = 21

  /// What a mark becomes.
  static let mark: UInt8 = 0x00

  /// The number of the first sector ever opened.
  static let firstSequence: UInt32 = 1

  /// The sequence number; nil while the sector is blank, if the number is torn, and if the identity
  /// is not that of a store with this geometry.
  let sequence: UInt32?
  /// Whether nothing but the identity was programmed.
  let isBlank: Bool
  let isFilled: Bool
  let isPassed: Bool

  /// Reads a header from 32 bytes.
  init(parsing bytes: Span<UInt8>, geometry: StoreGeometry) {
    var identity = InlineArray<32, UInt8>(repeating: 0xFF)
    var expected = identity.mutableSpan
    Self.writeIdentity(of: geometry, into: &expected)
    var isOurs = true
    for offset in 0..<Self.identitySize where bytes[offset] != expected[offset] {
      isOurs = false
    }
    var isBlank = isOurs
    for offset in Self.identitySize..<Self.size where bytes[offset] != 0xFF {
      isBlank = false
    }
    let number: UInt32 = bytes.bigEndian(at: Self.sequenceOffset)
    let complement: UInt32 = bytes.bigEndian(at: Self.sequenceOffset + 4)

    self.isBlank = isBlank
    sequence = isOurs && number == ~complement ? number : nil
    isFilled = bytes[Self.filledOffset] == Self.mark
    isPassed = bytes[Self.passedOffset] == Self.mark
  }

  /// Writes the 12 bytes that a blank sector has.
  @inline(never)
  static func writeIdentity(of geometry: StoreGeometry, into bytes: inout MutableSpan<UInt8>) {
    bytes.write(bigEndian: magic, at: 0)
    bytes[4] = format
    bytes[5] = UInt8(StoreGeometry.unitSize)
    bytes.write(bigEndian: UInt16(geometry.sectorCount), at: 6)
    bytes.write(bigEndian: UInt32(geometry.sectorSize), at: 8)
  }

  /// Writes number and complement, 8 bytes at offset 12.
  static func writeSequence(_ sequence: UInt32, into bytes: inout MutableSpan<UInt8>) {
    bytes.write(bigEndian: sequence, at: sequenceOffset)
    bytes.write(bigEndian: ~sequence, at: sequenceOffset + 4)
  }
}
