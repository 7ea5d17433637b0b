/// Numbers and texts in bytes, as the protocols have them: least significant byte first in USB,
/// usbredir and uhid, most significant first in USB/IP.
extension Array where Element == UInt8 {
  /// The number at `offset`; its bytes have to be there.
  func littleEndian<Number: FixedWidthInteger & UnsignedInteger>(at offset: Int) -> Number {
    var number: Number = 0
    for index in (0..<Number.bitWidth / 8).reversed() {
      number = number << 8 | Number(self[startIndex + offset + index])
    }
    return number
  }

  mutating func append<Number: FixedWidthInteger & UnsignedInteger>(littleEndian number: Number) {
    for index in 0..<Number.bitWidth / 8 {
      append(UInt8(truncatingIfNeeded: number >> Number(8 * index)))
    }
  }

  /// The number at `offset`; its bytes have to be there.
  func bigEndian<Number: FixedWidthInteger & UnsignedInteger>(at offset: Int) -> Number {
    (littleEndian(at: offset) as Number).byteSwapped
  }

  mutating func append<Number: FixedWidthInteger & UnsignedInteger>(bigEndian number: Number) {
    append(littleEndian: number.byteSwapped)
  }

  /// Appends `text`, cut if need be, and zeros up to `size` bytes; at least one zero ends it.
  mutating func append(_ text: String, paddedTo size: Int) {
    let bytes = text.utf8.prefix(size - 1)
    self += bytes
    self += repeatElement(0, count: size - bytes.count)
  }
}
