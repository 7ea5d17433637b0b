import Glibc

/// Bytes that the core executes from and a program of the host's looks into.
final class Memory {
  /// On a page's boundary; `mappedSize` bytes.
  let base: UnsafeMutableRawPointer
  let size: Int

  /// What of an address counts within it.
  let addressMask: UInt32

  /// - Parameter byte: what all of it holds at first.
  init(size: Int, filledWith byte: UInt8 = 0) {
    self.size = size
    mappedSize = (size + 4_095) / 4_096 * 4_096
    var power = 1
    while power < mappedSize { power *= 2 }
    addressMask = UInt32(power - 1)
    base = .allocate(byteCount: mappedSize, alignment: 4_096)
    memset(base, Int32(byte), mappedSize)
  }

  /// `size`, rounded up to whole pages.
  let mappedSize: Int

  deinit {
    base.deallocate()
  }

  var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base, count: size)
  }

  subscript(offset: Int) -> UInt8 {
    get { bytes[offset] }
    set { bytes[offset] = newValue }
  }

  /// Little-endian; `offset` may be any that leaves four bytes.
  func word(at offset: Int) -> UInt32 {
    UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  func setWord(_ value: UInt32, at offset: Int) {
    bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
  }

  func fill(with byte: UInt8) {
    memset(base, Int32(byte), size)
  }
}
