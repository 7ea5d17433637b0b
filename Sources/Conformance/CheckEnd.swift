import TokenClient

/// What a token did in place of what the protocol says.
public struct Deviation: Error, Equatable, Sendable {
  /// What the host sent last.
  public let sent: String
  public let expected: String
  public let received: String

  public init(sent: String, expected: String, received: String) {
    self.sent = sent
    self.expected = expected
    self.received = received
  }
}

/// Why a check ended before its end.
enum CheckEnd: Error {
  case deviation(Deviation)
  /// It means nothing for this token, or here; the text completes 'not checked: …'.
  case skipped(String)
  /// The person wants to stop.
  case interrupted
  case transport(TransportFailure)
}
