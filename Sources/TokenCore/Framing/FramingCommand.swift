/// The commands of CTAPHID (FIDO CTAP 2.1, 11.2.9), without the high bit that marks an
/// initialisation packet.
public enum FramingCommand: UInt8, Sendable {
  case ping = 0x01
  case lock = 0x04
  case initialize = 0x06
  case wink = 0x08
  case cancel = 0x11
  /// A vendor command: carries a command APDU, answers a status word and the response's data.
  case applet = 0x70
  case keepAlive = 0x3B
  case error = 0x3F
}

/// What an ERROR message's one byte says (FIDO CTAP 2.1, 11.2.9.1.6).
public enum FramingError: UInt8, Error, Sendable {
  case invalidCommand = 0x01
  case invalidParameter = 0x02
  case invalidLength = 0x03
  case invalidSequence = 0x04
  case messageTimeout = 0x05
  case channelBusy = 0x06
  case lockRequired = 0x0A
  case invalidChannel = 0x0B
  case other = 0x7F
}

/// What a KEEPALIVE message's one byte says (FIDO CTAP 2.1, 11.2.9.2.1).
public enum KeepAliveStatus: UInt8, Sendable {
  case processing = 1
  /// The token waits for its button.
  case touchNeeded = 2
}

/// The capability flags of the INIT response (FIDO CTAP 2.1, 11.2.9.1.3).
public struct Capabilities: OptionSet, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  public static let wink = Capabilities(rawValue: 0x01)
  public static let cbor = Capabilities(rawValue: 0x04)
  /// The token does *not* take U2F messages.
  public static let noMessage = Capabilities(rawValue: 0x08)
}
