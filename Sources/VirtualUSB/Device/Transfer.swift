/// What a host asks a device for, as a driver's request block does: a whole transfer, of one packet
/// or more.
public struct Transfer: Equatable, Sendable {
  /// The host's name for it.
  public typealias ID = UInt64

  public enum Kind: Equatable, Sendable {
    /// `data` is what the host sends; empty when the device is to send.
    case control(SetupPacket, data: [UInt8])
    /// To take up to `length` bytes from the IN endpoint of that number.
    case input(endpoint: UInt8, length: Int)
    /// To send `data` to the OUT endpoint of that number.
    case output(endpoint: UInt8, data: [UInt8])
  }

  public let id: ID
  public let kind: Kind

  public init(id: ID, _ kind: Kind) {
    self.id = id
    self.kind = kind
  }
}
