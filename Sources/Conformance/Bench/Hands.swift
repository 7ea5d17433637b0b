import Glibc
import TokenClient

/// What is done to a token beside talking to it: its button, its cable.
///
/// A person, or the control channel of a simulator. What cannot be done is said why, and the check
/// that needs it is skipped.
public protocol Hands: AnyObject {
  /// From now on the button is pressed when the token asks for it.
  func pressButton() throws(Unable)
  /// From now on nobody presses the button.
  func leaveButton() throws(Unable)
  /// Pulls the cable and puts it back. The transport is open again afterwards.
  ///
  /// - Parameter holdsCredentials: whether somebody needs the token's clock to go on.
  func replug(_ transport: any TokenTransport, holdsCredentials: Bool) throws(Unable)
  /// Lets that much time pass for the token, and for nothing else.
  func warp(_ length: Duration) throws(Unable)
  /// Has the bus sleep for a moment, the token keeping its power.
  func suspendBus() throws(Unable)
  /// Has the token be without any power for a moment, so that its clock loses its count. The transport is
  /// open again afterwards.
  func loseClock(_ transport: any TokenTransport) throws(Unable)
  /// Puts everything back as it was.
  func letGo()
}

extension Hands {
  public func warp(_ length: Duration) throws(Unable) {
    throw Unable("only a simulator lets the token's time pass")
  }

  public func suspendBus() throws(Unable) {
    throw Unable("only a simulator puts the token's bus to sleep")
  }

  /// Enough for a token without a battery.
  public func loseClock(_ transport: any TokenTransport) throws(Unable) {
    try replug(transport, holdsCredentials: false)
  }
}

/// Why hands cannot do something, as the end of 'not checked: …'.
public struct Unable: Error, Equatable, Sendable {
  public let reason: String

  public init(_ reason: String) {
    self.reason = reason
  }
}

extension TokenTransport {
  /// Opens the transport to a token that was plugged in just now, which a system may take some time
  /// to find.
  ///
  /// - Parameter isCancelled: asked between two tries; `true` ends the wait.
  public func reopen(
    within length: Duration, unless isCancelled: () -> Bool = { false }
  ) throws(Unable) {
    let end = Deadline(in: length)
    while true {
      do throws(TransportFailure) {
        return try open()
      } catch {
        guard !end.hasPassed, !isCancelled() else {
          throw Unable("the token is not there again: \(error)")
        }
      }
      usleep(100_000)
    }
  }
}

/// Nobody is there: the button stays as it is, the cable where it is.
public final class NoHands: Hands {
  public init() {}

  public func pressButton() throws(Unable) {
    throw Unable("nobody is there to press the button")
  }

  public func leaveButton() throws(Unable) {}

  public func replug(_ transport: any TokenTransport, holdsCredentials: Bool) throws(Unable) {
    throw Unable("nobody is there to pull the cable")
  }

  public func letGo() {}
}
