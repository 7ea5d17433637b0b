/// A logical channel, so that several programs can talk to one token (FIDO CTAP 2.1, 11.2.4).
/// Four bytes on the wire, most significant first.
public struct ChannelID: Hashable, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Where a host that has no channel yet asks for one.
  public static let broadcast = ChannelID(rawValue: 0xFFFF_FFFF)

  /// Never a channel.
  public static let reserved = ChannelID(rawValue: 0)

  /// Where commands of a smart card reader come from; never allocated to a host.
  static let card = ChannelID(rawValue: 0xFFFF_FFFE)

  /// Whether a host may be given this number.
  var isGrantable: Bool { self != .reserved && self != .card && self != .broadcast }
}
