/// The measures of a store, in sectors, bytes and units of 16 bytes.
struct StoreGeometry {
  /// What every record begins at and is padded to, in bytes.
  static let unitSize = 16

  /// Sectors in the ring, 4 … 512.
  let sectorCount: Int

  /// Bytes in a sector, 1,024 … 131,072, a multiple of 16.
  let sectorSize: Int

  /// Takes the geometry of `flash`: at least 4 sectors of at least 1,024 bytes, and at most 32,768
  /// units (512 KiB) in all: a unit's number fits the index's 16 bits, and the sequence numbers of records
  /// outlive the flash (Docs/storage.md, "Sequence numbers").
  init<F: Flash & ~Copyable>(of flash: borrowing F) {
    sectorCount = flash.sectorCount
    sectorSize = flash.sectorSize
    precondition(sectorCount >= 4 && sectorSize >= 1024 && sectorSize % Self.unitSize == 0)
    precondition(sectorCount * sectorSize <= 32_768 * Self.unitSize)
  }

  private init(sectorCount: Int, sectorSize: Int) {
    self.sectorCount = sectorCount
    self.sectorSize = sectorSize
  }

  /// The geometry before any flash is known.
  static let none = StoreGeometry(sectorCount: 0, sectorSize: 0)

  /// How many bytes of records may be live at once.
  ///
  /// A sector has no room for a record only if more than `payload - largest` of its bytes are live
  /// (Docs/storage.md, "Room"). So below `(sectorCount - 1) * (payload - largest + unit)` live bytes
  /// compaction always finds room; one largest record of that is kept for the copy that exists
  /// beside the old one while a value is replaced.
  var capacity: Int {
    let payload = sectorSize - SectorHeader.size
    return (sectorCount - 1) * (payload - RecordHeader.largestRecord + Self.unitSize)
      - RecordHeader.largestRecord
  }

  /// The address of a sector's first byte.
  @inline(never)
  func start(of sector: Int) -> Int { sector * sectorSize }

  /// The address just past a sector's last byte.
  @inline(never)
  func end(of sector: Int) -> Int { (sector + 1) * sectorSize }

  /// The bytes from `address` to the end of its sector.
  @inline(never)
  func room(from address: Int) -> Int { sectorSize - address % sectorSize }

  /// The sector after `sector` in the ring.
  @inline(never)
  func sector(after sector: Int) -> Int { sector + 1 == sectorCount ? 0 : sector + 1 }

  /// The sector before `sector` in the ring.
  @inline(never)
  func sector(before sector: Int) -> Int { sector == 0 ? sectorCount - 1 : sector - 1 }
}
