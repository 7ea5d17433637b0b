/// What the log has at one place of a sector.
enum LogEntry {
  /// Never programmed: the log of this sector ends here.
  case blank

  /// One unit that was overwritten.
  case cleared

  /// A record that counts.
  case record(RecordHeader)

  /// What a cut left of a record: one that was not committed, or one that was being overwritten.
  /// `isVoid` says which; `size` is what it takes, in bytes.
  case scrap(isVoid: Bool, size: Int)

  /// Reads the 16 bytes that start a unit, `room` bytes before the end of its sector.
  init(parsing bytes: Span<UInt8>, room: Int) {
    var ones: UInt8 = 0xFF
    var zeros: UInt8 = 0x00
    for index in 0..<StoreGeometry.unitSize {
      ones &= bytes[index]
      zeros |= bytes[index]
    }
    let state = RecordState(reading: bytes[RecordHeader.stateOffset])
    if ones == 0xFF {
      self = .blank
    } else if zeros == 0x00 {
      self = .cleared
    } else if let header = RecordHeader(parsing: bytes), header.recordSize <= room {
      self =
        state == .committed
        ? .record(header) : .scrap(isVoid: state == .void, size: header.recordSize)
    } else {
      self = .scrap(isVoid: state == .void, size: StoreGeometry.unitSize)
    }
  }

  /// What the entry takes of its sector, in bytes; 0 for the end.
  var size: Int {
    switch self {
    case .blank: 0
    case .cleared: StoreGeometry.unitSize
    case .record(let header): header.recordSize
    case .scrap(_, let size): size
    }
  }
}
