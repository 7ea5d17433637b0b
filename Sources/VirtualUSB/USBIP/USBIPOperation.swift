/// The messages of USB/IP 1.1.1 before a device is imported (Documentation/usb/usbip_protocol.rst).
/// All numbers are big-endian.
enum USBIPOperation {
  static let version: UInt16 = 0x0111

  /// version (2) ‖ code (2) ‖ status (4)
  static let headerSize = 8
  static let busIDSize = 32
  static let pathSize = 256

  enum Request: UInt16 {
    case deviceList = 0x8005
    /// Followed by the bus id.
    case importDevice = 0x8003

    var size: Int {
      switch self {
      case .deviceList: headerSize
      case .importDevice: headerSize + busIDSize
      }
    }

    /// The code of the reply.
    var replyCode: UInt16 { rawValue & 0x7FFF }
  }

  /// The status of a reply; the numbers are those of Linux's tools.
  enum Status: UInt32 {
    case done = 0
    case busy = 2
    case noDevice = 4
    case failed = 5
  }

  /// The request that `bytes` begin with; `nil` while there are too few of them.
  static func parse(
    _ bytes: [UInt8]
  ) throws(ProtocolViolation) -> (Request, busID: String)? {
    guard bytes.count >= headerSize else { return nil }
    let version: UInt16 = bytes.bigEndian(at: 0)
    guard version == self.version else { throw .version(version) }
    let code: UInt16 = bytes.bigEndian(at: 2)
    guard let request = Request(rawValue: code) else { throw .kind(UInt32(code)) }
    guard bytes.count >= request.size else { return nil }
    let name = bytes[headerSize..<request.size].prefix { $0 != 0 }
    return (request, String(decoding: name, as: UTF8.self))
  }

  static func reply(to request: Request, _ status: Status) -> [UInt8] {
    reply(code: request.replyCode, status)
  }

  /// The answer to what was not understood.
  static let refusal = reply(code: 0, .failed)

  private static func reply(code: UInt16, _ status: Status) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: version)
    bytes.append(bigEndian: code)
    bytes.append(bigEndian: status.rawValue)
    return bytes
  }
}
