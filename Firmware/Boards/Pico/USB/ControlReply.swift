/// The data of a control transfer to the host. None of ours is longer than a packet: 64 bytes.
struct ControlReply {
  var bytes = InlineArray<64, UInt8>(repeating: 0)
  private(set) var count = 0

  mutating func append(_ byte: UInt8) {
    bytes[count] = byte
    count += 1
  }

  @inline(never)
  mutating func append(littleEndian number: UInt16) {
    append(UInt8(truncatingIfNeeded: number))
    append(UInt8(truncatingIfNeeded: number >> 8))
  }

  mutating func append(_ span: Span<UInt8>) {
    for index in span.indices { append(span[index]) }
  }

  /// - Precondition: `text` is ASCII.
  mutating func append(utf16 text: StaticString) {
    for index in 0..<text.utf8CodeUnitCount {
      append(littleEndian: UInt16(text.utf8Start[index]))
    }
  }

  /// Leaves out what the host did not ask for.
  mutating func truncate(to length: UInt16) {
    count = min(count, Int(length))
  }
}
