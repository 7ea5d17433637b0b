import TokenCore

/// A way to one token: 64-byte reports out and in, in order, and nothing else.
///
/// A transport knows no framing; `FramingSession` speaks CTAPHID over it. It is used by one thread
/// at a time. After a failure of `write` or `read` the connection is of no more use: the caller
/// closes it, and may open it again.
public protocol TokenTransport: AnyObject {
  /// The place as a person writes it to choose this token: `unix:/run/user/1000/fob.sock`, `sim`.
  var place: String { get }

  /// Connects. Reports that the token had sent before are not delivered, where that can be known.
  func open() throws(TransportFailure)

  /// Sends one report, waiting as long as the medium needs to take it.
  func write(_ report: Report) throws(TransportFailure)

  /// As `write`, where it can wait for long: looks at `isGivenUp` meanwhile, and fails when it is true.
  func write(_ report: Report, unless isGivenUp: () -> Bool) throws(TransportFailure)

  /// The next report from the token.
  ///
  /// - Returns: `nil` when none came before `deadline`. A report that has already arrived is
  ///   delivered even when the deadline has passed, so that a caller can drain a transport.
  func read(before deadline: Deadline) throws(TransportFailure) -> Report?

  /// Disconnects. Harmless when nothing is open.
  func close()
}

extension TokenTransport {
  /// For media that take a report at once.
  public func write(_ report: Report, unless isGivenUp: () -> Bool) throws(TransportFailure) {
    try write(report)
  }
}
