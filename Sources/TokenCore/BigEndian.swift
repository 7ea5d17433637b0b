/// Numbers in bytes, most significant first: the order of the wire and of the records.
extension Span where Element == UInt8 {
  /// The number at `offset`; its bytes have to be there.
  @inline(never)
  func bigEndian<Number: FixedWidthInteger & UnsignedInteger>(at offset: Int) -> Number {
    var number: Number = 0
    for index in 0..<Number.bitWidth / 8 { number = number << 8 | Number(self[offset + index]) }
    return number
  }
}

extension MutableSpan where Element == UInt8 {
  /// Writes `number` at `offset`; there has to be room.
  @inline(never)
  mutating func write<Number: FixedWidthInteger & UnsignedInteger>(
    bigEndian number: Number, at offset: Int
  ) {
    let size = Number.bitWidth / 8
    for index in 0..<size {
      self[offset + index] = UInt8(truncatingIfNeeded: number >> Number(8 * (size - 1 - index)))
    }
  }
}
