import Glibc

/// Another way to the token that a server runs, beside its sockets: a smart card reader, a USB bus.
///
/// The server's loop calls it, on the server's thread. Like everything in that loop, it never waits.
public protocol TokenAttachment: AnyObject {
  /// The descriptors that it waits at, and for what.
  var awaited: [pollfd] { get }

  /// Milliseconds after which it has to be served even if nothing happens; `nil` for no such time.
  var patience: Int32? { get }

  /// Does what can be done without waiting. Comes at least once in each round of the loop, right
  /// after the token has looked at its clock and its button.
  ///
  /// - Parameter ready: the descriptors at which something happened, not only its own.
  func serve(_ token: inout LiveToken, ready: Set<Int32>) throws(ImageFailure)

  /// The cable was pulled, if only for a moment: what the token kept in RAM is gone.
  func tokenLeft()
}
