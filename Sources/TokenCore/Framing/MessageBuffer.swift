/// One message, in or out: the request is assembled here, and the response overwrites it.
///
/// 7,609 bytes, the token's largest piece of RAM.
struct MessageBuffer: ~Copyable {
  var bytes: InlineArray<7609, UInt8> = InlineArray(repeating: 0)

  /// Bytes in use, `0 ... FramingLimits.messageSize`.
  private(set) var count = 0
  /// Whether something was appended that had no room. `ResponseSize` shows that it never happens; if it
  /// did, the token would answer that it did, and go on.
  private(set) var isOverflowing = false
  private let pin = Pin()

  /// Bytes that still have room.
  var room: Int { bytes.count - count }

  mutating func removeAll() {
    count = 0
    isOverflowing = false
  }

  /// Cuts the message back to its first `length` bytes; what follows is cleared.
  @inline(never)
  mutating func truncate(to length: Int) {
    for index in length..<max(length, count) { bytes[index] = 0 }
    count = min(count, length)
    isOverflowing = false
  }

  /// Clears what the message held: requests carry keys, responses codes.
  mutating func wipeContents() {
    truncate(to: 0)
  }

  /// Beyond 7,609 bytes nothing is appended. The framing checks a request's length before.
  @inline(never)
  mutating func append(_ byte: UInt8) {
    guard count < bytes.count else {
      isOverflowing = true
      return
    }
    bytes[count] = byte
    count += 1
  }

  mutating func append(_ other: Span<UInt8>) {
    for index in other.indices { append(other[index]) }
  }

  /// Most significant byte first.
  mutating func append<Number: FixedWidthInteger & UnsignedInteger>(bigEndian number: Number) {
    var shift = Number.bitWidth - 8
    while shift >= 0 {
      append(UInt8(truncatingIfNeeded: number >> Number(shift)))
      shift -= 8
    }
  }
}

// MARK: - Fields

extension MessageBuffer {
  /// A field's tag and length; its value follows by `append`. `length` below 128.
  mutating func beginField(_ tag: Tag, length: Int) {
    precondition(length < 0x80)
    append(tag.rawValue)
    append(UInt8(length))
  }

  @inline(never)
  mutating func appendField(_ tag: Tag, _ value: Span<UInt8>) {
    beginField(tag, length: value.count)
    append(value)
  }

  @inline(never)
  mutating func appendField(_ tag: Tag, byte: UInt8) {
    beginField(tag, length: 1)
    append(byte)
  }

  @inline(never)
  mutating func appendField<Number: FixedWidthInteger & UnsignedInteger>(
    _ tag: Tag, bigEndian number: Number
  ) {
    beginField(tag, length: Number.bitWidth / 8)
    append(bigEndian: number)
  }
}
