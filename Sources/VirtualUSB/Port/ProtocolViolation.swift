/// What a host said that is not of its protocol.
public enum ProtocolViolation: Error, Equatable, Sendable {
  /// Another version than ours.
  case version(UInt16)
  /// A request or packet of a kind that is not known, or not expected now.
  case kind(UInt32)
  /// More bytes than any request needs.
  case length(UInt32)
  /// A request for a device that was not imported.
  case device(UInt32)
  /// A field that has none of the values it may have.
  case field
}

extension ProtocolViolation: CustomStringConvertible {
  /// A clause without a full stop.
  public var description: String {
    switch self {
    case .version(let version): "it speaks version \(Self.hex(version)) of the protocol"
    case .kind(let number): "it sent a message of the unknown kind \(Self.hex(number))"
    case .length(let length): "it sent a message of \(length) bytes"
    case .device(let number): "it asked for the unknown device \(Self.hex(number))"
    case .field: "it sent a message with a field that makes no sense"
    }
  }

  private static func hex(_ number: some BinaryInteger) -> String {
    "0x" + String(number, radix: 16)
  }
}
