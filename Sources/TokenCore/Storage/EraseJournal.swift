/// Which erasures of the next sector were begun and which are complete: 64 bits, cleared one by one
/// from the lowest up, one as an erasure begins and one when it is complete.
///
/// A torn erasure can leave a sector that reads as blank and is not. So its begin is noted in
/// another sector, which the erasure cannot touch. Each step clears a single bit: a cut leaves it
/// cleared or not, and a repetition clears the same bit.
struct EraseJournal {
  static let size = 8

  /// How many bits are cleared, 0 … 64.
  private var cleared: Int

  init(parsing bytes: Span<UInt8>, at offset: Int) {
    cleared = 0
    while cleared < Self.size * 8, Self.isCleared(cleared, in: bytes, at: offset) {
      cleared += 1
    }
  }

  /// Whether an erasure was begun and not completed.
  var isPending: Bool { cleared % 2 == 1 }

  /// Whether another erasure can be noted; 32 can. More than one takes a power cut within a
  /// compaction each.
  var hasRoom: Bool { cleared < Self.size * 8 }

  /// Notes a begin or an end.
  mutating func step() {
    cleared += 1
  }

  /// Writes the 8 bytes.
  func write(into bytes: inout MutableSpan<UInt8>) {
    for index in 0..<Self.size {
      let here = min(max(cleared - index * 8, 0), 8)
      bytes[index] = UInt8(truncatingIfNeeded: 0xFF << here)
    }
  }

  private static func isCleared(_ bit: Int, in bytes: Span<UInt8>, at offset: Int) -> Bool {
    bytes[offset + bit / 8] & (1 << UInt8(bit % 8)) == 0
  }
}
