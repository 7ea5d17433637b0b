/// The eight bytes that begin a control transfer (USB 2.0, 9.3): bmRequestType (1) ‖ bRequest (1) ‖
/// wValue (2) ‖ wIndex (2) ‖ wLength (2), little-endian.
struct SetupPacket {
  let requestType: UInt8
  let request: UInt8
  let value: UInt16
  let index: UInt16
  /// Bytes that the host sends, or takes at most.
  let length: UInt16

  /// - Parameters:
  ///   - low: bytes 0 to 3, as a little-endian word; so does the controller's memory have them.
  ///   - high: bytes 4 to 7.
  init(low: UInt32, high: UInt32) {
    requestType = UInt8(truncatingIfNeeded: low)
    request = UInt8(truncatingIfNeeded: low >> 8)
    value = UInt16(truncatingIfNeeded: low >> 16)
    index = UInt16(truncatingIfNeeded: high)
    length = UInt16(truncatingIfNeeded: high >> 16)
  }

  /// Whether the device sends the data.
  var isInput: Bool { requestType & 0x80 != 0 }

  enum Kind: UInt8 {
    case standard = 0
    case `class` = 1
    case vendor = 2
    case reserved = 3
  }

  var kind: Kind { Kind(rawValue: requestType >> 5 & 3) ?? .reserved }

  enum Recipient: UInt8 {
    case device = 0
    case interface = 1
    case endpoint = 2
    case other = 3
  }

  /// `nil` for the numbers that USB 2.0 reserves.
  var recipient: Recipient? { Recipient(rawValue: requestType & 0x1F) }

  var valueHigh: UInt8 { UInt8(truncatingIfNeeded: value >> 8) }
  var valueLow: UInt8 { UInt8(truncatingIfNeeded: value) }
}
