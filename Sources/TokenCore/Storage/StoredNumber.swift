/// Big-endian numbers in headers, read and written byte by byte, so that alignment is no matter.
extension UInt32 {
  init(bigEndian bytes: Span<UInt8>, at offset: Int) {
    self =
      UInt32(bytes[offset]) << 24 | UInt32(bytes[offset + 1]) << 16
      | UInt32(bytes[offset + 2]) << 8 | UInt32(bytes[offset + 3])
  }

  func write(into bytes: inout MutableSpan<UInt8>, at offset: Int) {
    bytes[offset] = UInt8(self >> 24)
    bytes[offset + 1] = UInt8(self >> 16 & 0xFF)
    bytes[offset + 2] = UInt8(self >> 8 & 0xFF)
    bytes[offset + 3] = UInt8(self & 0xFF)
  }
}
