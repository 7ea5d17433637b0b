import TokenCore

/// Reads the USB packets out of a pcapng file, block by block. Blocks that it does not know, and
/// interfaces of other kinds, are passed over.
struct CaptureReader {
  /// A packet with the header of usbmon; see `USBMonHeader` for where its fields are.
  struct Packet {
    let isSubmission: Bool
    let kind: USBMonHeader.TransferKind
    let endpoint: UInt8
    let setup: SetupPacket
    let time: UnixTime
    let data: [UInt8]
  }

  private let bytes: [UInt8]
  private var offset = 0
  private var isBigEndian = false
  /// Of the section's interfaces, by number; `nil` for one that is no USB bus.
  private var links: [PacketCapture.LinkType?] = []
  /// Whether there was an interface that is a USB bus.
  private(set) var sawUSB = false
  /// Where the file is not as it should be.
  private(set) var damage: Int?

  /// type ‖ length ‖ … ‖ length
  private static let frameSize = 12
  /// interface ‖ time ‖ captured ‖ original length
  private static let packetHeadSize = 20

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The next packet; `nil` at the end, and where the file is damaged.
  mutating func next() -> Packet? {
    while damage == nil, offset < bytes.count {
      guard let body = nextBlock() else {
        damage = offset
        return nil
      }
      if let packet = packet(in: body) { return packet }
    }
    return nil
  }

  private struct Block {
    let kind: UInt32
    let start: Int
    let end: Int
  }

  /// The block at `offset`, which moves behind it.
  private mutating func nextBlock() -> Block? {
    guard bytes.count - offset >= Self.frameSize else { return nil }
    // The same in both byte orders.
    let isSection = number(offset) == PacketCapture.Block.sectionHeader.rawValue
    guard isSection || offset > 0 else { return nil }
    if isSection {
      guard setByteOrder() else { return nil }
      links = []
    }
    let length = Int(number(offset + 4))
    guard length >= Self.frameSize, length % 4 == 0, length <= bytes.count - offset,
      Int(number(offset + length - 4)) == length
    else { return nil }
    defer { offset += length }
    return Block(kind: number(offset), start: offset + 8, end: offset + length - 4)
  }

  private mutating func setByteOrder() -> Bool {
    for order in [false, true] {
      isBigEndian = order
      if number(offset + 8) == PacketCapture.byteOrderMagic { return true }
    }
    return false
  }

  private mutating func packet(in block: Block) -> Packet? {
    switch PacketCapture.Block(rawValue: block.kind) {
    case .interfaceDescription where block.end - block.start >= 8:
      let link = PacketCapture.LinkType(rawValue: short(block.start))
      links.append(link)
      sawUSB = sawUSB || link != nil
      return nil
    case .enhancedPacket where block.end - block.start >= Self.packetHeadSize:
      let interface = Int(number(block.start))
      let captured = Int(number(block.start + 12))
      let start = block.start + Self.packetHeadSize
      guard captured <= block.end - start, interface < links.count, let link = links[interface],
        captured >= link.headerSize
      else { return nil }
      return packet(start, headerSize: link.headerSize, end: start + captured)
    default:
      return nil
    }
  }

  private func packet(_ start: Int, headerSize: Int, end: Int) -> Packet? {
    guard let kind = USBMonHeader.TransferKind(rawValue: bytes[start + 9]) else { return nil }
    let seconds = Int64(clamping: long(start + 16))
    let microseconds = seconds.multipliedReportingOverflow(by: 1_000_000)
    let time = microseconds.partialValue.addingReportingOverflow(Int64(number(start + 24)))
    guard !microseconds.overflow, !time.overflow else { return nil }
    let count = min(Int(number(start + 36)), end - start - headerSize)
    let data = start + headerSize
    return Packet(
      isSubmission: bytes[start + 8] == USBMonHeader.Stage.submitted.rawValue, kind: kind,
      endpoint: bytes[start + 10], setup: SetupPacket(parsing: bytes[start + 40..<start + 48]),
      time: UnixTime(microseconds: time.partialValue),
      data: Array(bytes[data..<data + count]))
  }

  private func number(_ offset: Int) -> UInt32 {
    isBigEndian ? bytes.bigEndian(at: offset) : bytes.littleEndian(at: offset)
  }

  private func short(_ offset: Int) -> UInt16 {
    isBigEndian ? bytes.bigEndian(at: offset) : bytes.littleEndian(at: offset)
  }

  private func long(_ offset: Int) -> UInt64 {
    isBigEndian ? bytes.bigEndian(at: offset) : bytes.littleEndian(at: offset)
  }
}
