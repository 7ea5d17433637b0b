/// NOR flash as the store sees it: programming clears bits, erasing sets a whole sector, and a
/// power cut may leave any subset of an operation's bits changed. What the store relies on, point by
/// point, is in Docs/storage.md, "The flash".
///
/// Addresses count bytes from the start of the area given to the store: `0 ..< sectorCount *
/// sectorSize`.
public protocol Flash: ~Copyable {
  /// Sectors in the area, at least 4.
  var sectorCount: Int { get }

  /// Bytes in a sector, at least 1,024 and a multiple of 16; what one erase sets. All sectors
  /// together have at most 512 KiB.
  var sectorSize: Int { get }

  /// Copies `bytes.count` bytes from `address` on. Never crosses the end of the area.
  mutating func read(at address: Int, into bytes: inout MutableSpan<UInt8>)

  /// Clears bits: each byte becomes `old & new`. Never crosses a sector's end.
  mutating func program(at address: Int, _ bytes: Span<UInt8>)

  /// Sets every bit of a sector.
  mutating func erase(sector: Int)
}
