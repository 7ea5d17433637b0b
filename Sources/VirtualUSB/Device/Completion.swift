/// How a transfer ended.
public struct Completion: Equatable, Sendable {
  public enum Status: Equatable, Sendable {
    case done
    /// The device refused it. Every malformed request ends so, and every one to an endpoint that is
    /// not there.
    case stalled
    /// The device sent more than the host asked for.
    case overflowed
    /// Taken back: by the host, by a reset or another configuration, or with the cable.
    case cancelled
    /// The device did not answer, or not in time.
    case failed
  }

  public let transfer: Transfer
  public let status: Status
  /// What the device sent; empty for a transfer in the other direction.
  public let data: [UInt8]
  /// Bytes that were moved, in either direction.
  public let count: Int

  public init(_ transfer: Transfer, _ status: Status, data: [UInt8] = [], count: Int? = nil) {
    self.transfer = transfer
    self.status = status
    self.data = data
    self.count = count ?? data.count
  }
}
