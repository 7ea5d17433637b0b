/// The eight bytes that begin a control transfer (USB 2.0, 9.3): bmRequestType, bRequest, wValue,
/// wIndex and wLength, little-endian.
public struct ControlRequest: Hashable, Sendable {
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

  /// Whether the device sends the data.
  public var isInput: Bool { requestType & 0x80 != 0 }

  public var bytes: [UInt8] {
    [requestType, request]
      + [value, index, length].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
  }

  /// Standard requests (USB 2.0, 9.4) that an enumeration makes.
  enum Standard: UInt8 {
    case clearFeature = 1
    case setAddress = 5
    case getDescriptor = 6
    case setConfiguration = 9
    case setInterface = 11
  }

  /// Which standard request it is, if it is one.
  var standard: Standard? { requestType & 0x60 == 0 ? Standard(rawValue: request) : nil }

  static func descriptor(_ type: UInt8, index: UInt8 = 0, length: Int) -> ControlRequest {
    ControlRequest(
      requestType: 0x80, request: Standard.getDescriptor.rawValue,
      value: UInt16(type) << 8 | UInt16(index), length: UInt16(length))
  }

  static func setAddress(_ address: Int) -> ControlRequest {
    ControlRequest(
      requestType: 0, request: Standard.setAddress.rawValue, value: UInt16(address))
  }

  static func setConfiguration(_ value: UInt8) -> ControlRequest {
    ControlRequest(
      requestType: 0, request: Standard.setConfiguration.rawValue, value: UInt16(value))
  }
}
