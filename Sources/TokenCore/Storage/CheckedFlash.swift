import OATH

/// Flash operations that read back what they did, in pieces of 64 bytes.
extension Flash where Self: ~Copyable {
  /// Copies `count` bytes from `address` on to the start of `bytes`.
  mutating func read(at address: Int, count: Int, into bytes: inout MutableSpan<UInt8>) {
    var part = bytes._mutatingExtracting(0..<count)
    read(at: address, into: &part)
  }

  /// Programs `bytes`; false if the flash does not read the same afterwards.
  mutating func programChecked(at address: Int, _ bytes: Span<UInt8>) -> Bool {
    program(at: address, bytes)
    var piece = InlineArray<64, UInt8>(repeating: 0)
    var isSame = true
    var offset = 0
    while offset < bytes.count {
      let count = min(piece.count, bytes.count - offset)
      var found = piece.mutableSpan
      read(at: address + offset, count: count, into: &found)
      for index in 0..<count where found[index] != bytes[offset + index] {
        isSame = false
      }
      offset += count
    }
    wipe(&piece)
    return isSame
  }

  /// Programs one byte; false if the flash does not read the same afterwards.
  mutating func programChecked(at address: Int, _ byte: UInt8) -> Bool {
    let one = InlineArray<1, UInt8>(repeating: byte)
    return programChecked(at: address, one.span)
  }

  /// Clears every bit of `count` bytes; false if one still reads as set.
  mutating func clearChecked(at address: Int, count: Int) -> Bool {
    let zeros = InlineArray<64, UInt8>(repeating: 0)
    var isClear = true
    var offset = 0
    while offset < count {
      let part = min(zeros.count, count - offset)
      if !programChecked(at: address + offset, zeros.span.extracting(0..<part)) {
        isClear = false
      }
      offset += part
    }
    return isClear
  }

  /// Copies `count` bytes within the flash; false if the copy does not read the same.
  mutating func copyChecked(from source: Int, to destination: Int, count: Int) -> Bool {
    var piece = InlineArray<64, UInt8>(repeating: 0)
    var offset = 0
    while offset < count {
      let length = min(piece.count, count - offset)
      var bytes = piece.mutableSpan
      read(at: source + offset, count: length, into: &bytes)
      guard programChecked(at: destination + offset, bytes.span.extracting(0..<length)) else {
        wipe(&bytes)
        return false
      }
      wipe(&bytes)
      offset += length
    }
    return true
  }

  /// Whether every bit in `addresses` reads as set.
  mutating func isErased(_ addresses: Range<Int>) -> Bool {
    var piece = InlineArray<64, UInt8>(repeating: 0)
    var address = addresses.lowerBound
    while address < addresses.upperBound {
      let count = min(piece.count, addresses.upperBound - address)
      var bytes = piece.mutableSpan
      read(at: address, count: count, into: &bytes)
      for index in 0..<count where bytes[index] != 0xFF {
        return false
      }
      address += count
    }
    return true
  }
}
