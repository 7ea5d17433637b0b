import TokenSimulator

/// What happens at a face of the device that a person may want to know.
public enum BusEvent: Equatable, Sendable {
  /// A host has the device.
  case attached
  /// The host let go of it.
  case released
  /// The token is off its cable, and its device off the bus.
  case unplugged
  /// Another wanted the device as well.
  case refusedSecondHost
  /// The host said something that is not of the protocol; the connection is closed.
  case violated(ProtocolViolation)
  /// The host's own filter lets no such device in.
  case filtered
  /// A call that the system refused.
  case failed(SystemFailure)
}

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
