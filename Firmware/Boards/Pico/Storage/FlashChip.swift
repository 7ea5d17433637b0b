/// The flash chip beside the RP2040, as far as the firmware has to do with it. Offsets count from the
/// chip's first byte.
///
/// Code runs from this very chip, and can read it only while nothing else is done with it: so everything but
/// `read` is done by code in RAM, with interrupts off.
public protocol FlashChip: ~Copyable {
  /// Copies `bytes.count` bytes from `offset` on.
  mutating func read(at offset: Int, into bytes: inout MutableSpan<UInt8>)

  /// Sets every bit of the sector of 4,096 bytes at `offset`.
  mutating func eraseSector(at offset: Int)

  /// Clears the bits of the page of 256 bytes at `offset` that are clear in `page`.
  mutating func programPage(at offset: Int, _ page: borrowing InlineArray<256, UInt8>)

  /// The number that the chip's maker gave it, which no other has.
  mutating func uniqueID() -> UInt64

  /// Whether BOOTSEL is pressed. The button pulls the chip's select line low, so that the line has to be
  /// let go for as long as it is looked at.
  mutating func isSelectHeldLow() -> Bool
}
