/// The eight bytes that begin a control transfer (USB 2.0, 9.3).
///
/// bmRequestType (1) ‖ bRequest (1) ‖ wValue (2) ‖ wIndex (2) ‖ wLength (2), little-endian.
public struct SetupPacket: Hashable, Sendable {
  public static let size = 8

  /// Direction (bit 7), type (bits 6, 5) and recipient (bits 4 to 0).
  public var requestType: UInt8
  public var request: UInt8
  public var value: UInt16
  public var index: UInt16
  /// Bytes that the host sends, or takes at most.
  public var length: UInt16

  public init(
    requestType: UInt8, request: UInt8, value: UInt16 = 0, index: UInt16 = 0, length: UInt16 = 0
  ) {
    self.requestType = requestType
    self.request = request
    self.value = value
    self.index = index
    self.length = length
  }

  /// - Precondition: `bytes` has `size` of them.
  public init(parsing bytes: some Collection<UInt8>) {
    precondition(bytes.count == Self.size)
    let bytes = Array(bytes)
    requestType = bytes[0]
    request = bytes[1]
    value = bytes.littleEndian(at: 2)
    index = bytes.littleEndian(at: 4)
    length = bytes.littleEndian(at: 6)
  }

  public var bytes: [UInt8] {
    var bytes = [requestType, request]
    bytes.append(littleEndian: value)
    bytes.append(littleEndian: index)
    bytes.append(littleEndian: length)
    return bytes
  }

  /// Whether the device sends the data.
  public var isInput: Bool { requestType & 0x80 != 0 }

  public enum Kind: UInt8, Sendable {
    case standard = 0
    case `class` = 1
    case vendor = 2
    case reserved = 3
  }

  public var kind: Kind { Kind(rawValue: requestType >> 5 & 3)! }

  public enum Recipient: UInt8, Sendable {
    case device = 0
    case interface = 1
    case endpoint = 2
    case other = 3
  }

  /// `nil` for the numbers that USB 2.0 reserves.
  public var recipient: Recipient? { Recipient(rawValue: requestType & 0x1F) }

  var valueHigh: UInt8 { UInt8(value >> 8) }
  var valueLow: UInt8 { UInt8(truncatingIfNeeded: value) }
}
