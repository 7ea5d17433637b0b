/// Why a transfer did not succeed.
public enum TransferFailure: Error, Equatable, Sendable {
  /// The device refused it.
  case stalled
  /// Nobody answered: no device, another address, an endpoint that is off, or power gone.
  case silence
  /// The device said 'not now' for too long.
  case timedOut
  /// The device sent more than it was asked for, or more than fits a packet.
  case overflowed
}

extension TransferFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .stalled: "the device stalled it"
    case .silence: "nobody answered"
    case .timedOut: "the device was not ready in time"
    case .overflowed: "the device sent too much"
    }
  }
}

/// Why a device was not enumerated.
public enum EnumerationFailure: Error, Equatable, Sendable {
  /// No device pulled the line up.
  case noDevice
  /// A request failed; `step` is which, in the words of USB 2.0.
  case transfer(step: String, TransferFailure)
  /// A descriptor is too short, or contradicts itself.
  case malformed(String)
}

extension EnumerationFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noDevice: "no device pulled the line up"
    case .transfer(let step, let failure): "\(step): \(failure)"
    case .malformed(let what): "\(what) is malformed"
    }
  }
}
