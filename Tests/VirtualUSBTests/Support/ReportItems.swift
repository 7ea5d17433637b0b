/// Reads the short items of a HID report descriptor (HID 1.11, 6.2.2.2), as a host does.
struct ReportItems {
  private let bytes: [UInt8]
  private(set) var usagePage: UInt32 = 0
  /// Of the outermost collection.
  private(set) var collectionUsage: UInt32?
  private(set) var inputBits = 0
  private(set) var outputBits = 0
  private(set) var reportIDs = 0
  private(set) var isWellFormed = false

  private var usage: UInt32 = 0
  private var size = 0
  private var count = 0
  private var depth = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func read() {
    var offset = 0
    while offset < bytes.count {
      let head = bytes[offset]
      let length = [0, 1, 2, 4][Int(head & 3)]
      guard offset + 1 + length <= bytes.count else { return }
      let value = (0..<length).reduce(UInt32(0)) { $0 | UInt32(bytes[offset + 1 + $1]) << (8 * $1) }
      offset += 1 + length
      take(head & 0xFC, value)
    }
    isWellFormed = depth == 0
  }

  private mutating func take(_ tag: UInt8, _ value: UInt32) {
    switch tag {
    case 0x04: usagePage = value
    case 0x08: usage = value
    case 0x74: size = Int(value)
    case 0x94: count = Int(value)
    case 0x84: reportIDs += 1
    case 0x80: inputBits += size * count
    case 0x90: outputBits += size * count
    case 0xA0:
      if depth == 0 { collectionUsage = usage }
      depth += 1
    case 0xC0: depth -= 1
    default: break
    }
  }
}
