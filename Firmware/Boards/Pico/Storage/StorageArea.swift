import OATH

/// The token's storage: the last 32 sectors of the Pico's 2 MiB of flash.
///
/// Programming is by byte for the token and by page for the chip: what of a page is not meant is filled
/// with ones, which clear nothing.
enum StorageArea {
  static let sectorCount = 32
  static let sectorSize = 4_096
  static let pageSize = 256
  static let flashSize = 2 * 1_024 * 1_024
  static let start = flashSize - sectorCount * sectorSize

  @inline(never)
  static func read<Chip: FlashChip & ~Copyable>(
    at address: Int, into bytes: inout MutableSpan<UInt8>, _ chip: inout Chip
  ) {
    precondition(address >= 0 && address + bytes.count <= sectorCount * sectorSize)
    chip.read(at: start + address, into: &bytes)
  }

  static func program<Chip: FlashChip & ~Copyable>(
    at address: Int, _ bytes: Span<UInt8>, _ chip: inout Chip
  ) {
    precondition(address >= 0 && address + bytes.count <= sectorCount * sectorSize)
    var page = InlineArray<256, UInt8>(repeating: 0xFF)
    var done = 0
    while done < bytes.count {
      let within = (address + done) % pageSize
      let count = min(pageSize - within, bytes.count - done)
      for index in page.indices { page[index] = 0xFF }
      for index in 0..<count { page[within + index] = bytes[done + index] }
      chip.programPage(at: start + address + done - within, page)
      done += count
    }
    wipe(&page)
  }

  static func erase<Chip: FlashChip & ~Copyable>(sector: Int, _ chip: inout Chip) {
    precondition((0..<sectorCount).contains(sector))
    chip.eraseSector(at: start + sector * sectorSize)
  }
}
