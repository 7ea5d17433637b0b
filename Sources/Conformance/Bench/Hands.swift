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
  /// Puts everything back as it was.
  func letGo()
}

/// Why hands cannot do something, as the end of 'not checked: …'.
public struct Unable: Error, Equatable, Sendable {
  public let reason: String

  public init(_ reason: String) {
    self.reason = reason
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
