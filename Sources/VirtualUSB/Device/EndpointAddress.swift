/// The device's endpoints, as bEndpointAddress has them: the number, and bit 7 for IN.
public enum EndpointAddress: UInt8, Sendable {
  /// Number 0, where control transfers go, in both directions.
  case control = 0
  /// Reports for the host.
  case input = 0x81
  /// Reports for the token.
  case output = 0x01

  static let inputBit: UInt8 = 0x80
  /// Without the direction, 0 … 15.
  var number: UInt8 { rawValue & 0x0F }
}
