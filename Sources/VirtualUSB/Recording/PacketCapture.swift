/// The blocks of a pcapng file (draft-ietf-opsawg-pcapng), as far as they are needed here.
///
/// Every block is type (4) ‖ total length (4) ‖ body, padded to 4 bytes ‖ total length (4), in the
/// byte order that the section's header tells; this one writes little-endian.
enum PacketCapture {
  enum Block: UInt32 {
    case sectionHeader = 0x0A0D_0D0A
    case interfaceDescription = 1
    case enhancedPacket = 6
  }

  /// Link types: each packet begins with the header of Linux's usbmon.
  enum LinkType: UInt16 {
    /// Of 48 bytes.
    case usbLinux = 189
    /// Of 64 bytes.
    case usbLinuxMMapped = 220

    var headerSize: Int {
      switch self {
      case .usbLinux: 48
      case .usbLinuxMMapped: USBMonHeader.size
      }
    }
  }

  static let byteOrderMagic: UInt32 = 0x1A2B_3C4D
  private static let version: UInt16 = 1
  private static let lengthUnknown = UInt64.max

  private enum Option: UInt16 {
    case end = 0
    case comment = 1
    /// Of an interface.
    case name = 2
    /// Of a section.
    case application = 4
  }

  /// What a file begins with: a section, and in it one interface.
  static func beginning(comment: String) -> [UInt8] {
    var section: [UInt8] = []
    section.append(littleEndian: byteOrderMagic)
    section.append(littleEndian: version)
    section.append(littleEndian: UInt16(0))
    section.append(littleEndian: lengthUnknown)
    append(.comment, comment, to: &section)
    append(.application, "Watchfob", to: &section)
    append(.end, "", to: &section)

    var interface: [UInt8] = []
    interface.append(littleEndian: LinkType.usbLinuxMMapped.rawValue)
    interface.append(littleEndian: UInt16(0))
    // No limit to what is captured of a packet.
    interface.append(littleEndian: UInt32(0))
    append(.name, "simulated", to: &interface)
    append(.end, "", to: &interface)
    return block(.sectionHeader, section) + block(.interfaceDescription, interface)
  }

  /// One packet, whole.
  ///
  /// - Parameter microseconds: since 1970, which is what times count in where nothing else is said.
  static func packet(_ bytes: [UInt8], at microseconds: UInt64) -> [UInt8] {
    var body: [UInt8] = []
    body.append(littleEndian: UInt32(0))
    body.append(littleEndian: UInt32(truncatingIfNeeded: microseconds >> 32))
    body.append(littleEndian: UInt32(truncatingIfNeeded: microseconds))
    body.append(littleEndian: UInt32(bytes.count))
    body.append(littleEndian: UInt32(bytes.count))
    return block(.enhancedPacket, body + bytes)
  }

  private static func append(_ option: Option, _ text: String, to bytes: inout [UInt8]) {
    bytes.append(littleEndian: option.rawValue)
    bytes.append(littleEndian: UInt16(text.utf8.count))
    bytes += text.utf8
    bytes += repeatElement(0, count: -text.utf8.count & 3)
  }

  private static func block(_ kind: Block, _ body: [UInt8]) -> [UInt8] {
    let padding = -body.count & 3
    let length = UInt32(12 + body.count + padding)
    var bytes: [UInt8] = []
    bytes.append(littleEndian: kind.rawValue)
    bytes.append(littleEndian: length)
    bytes += body
    bytes += repeatElement(0, count: padding)
    bytes.append(littleEndian: length)
    return bytes
  }
}
