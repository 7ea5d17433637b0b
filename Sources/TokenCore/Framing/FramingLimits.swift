/// The numbers of the framing (FIDO CTAP 2.1, 11.2.4 and 11.2.5), which follow from 64-byte reports.
public enum FramingLimits {
  /// Payload bytes in an initialisation packet: channel 4, command 1, length 2.
  public static let initializationPayload = Report.size - 7
  /// Payload bytes in a continuation packet: channel 4, sequence 1.
  public static let continuationPayload = Report.size - 5
  /// Sequence numbers run from 0 to this.
  public static let lastSequence: UInt8 = 0x7F
  /// The largest message: one initialisation packet and 128 continuations, 7,609 bytes.
  public static let messageSize =
    initializationPayload + (Int(lastSequence) + 1) * continuationPayload
  /// Between two packets of one message; after that the transaction ends with `messageTimeout`.
  public static let transactionTimeoutMilliseconds: UInt32 = 500
  /// Between two KEEPALIVE messages while a command waits.
  public static let keepAliveMilliseconds: UInt32 = 100
  /// How long the token waits for its button.
  public static let touchTimeoutMilliseconds: UInt32 = 15_000
  /// The longest LOCK, in seconds.
  public static let longestLock: UInt8 = 10
  /// The protocol version in the INIT response.
  public static let protocolVersion: UInt8 = 2
  /// The device version in the INIT response: major, minor, build.
  public static let deviceVersion: InlineArray<3, UInt8> = [0, 1, 0]
}
