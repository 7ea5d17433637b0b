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
