import Glibc
import TokenClient

/// Whether, and when, the person has had enough of this command: Ctrl-C, which is held back while a
/// token is at work. Once noticed it stays, for every token that the command talks to: what is left to
/// be put in order has to be quick.
final class Interruption {
  private var noticed: Deadline?
  private var signal: Int32?

  /// When it was noticed; looks for a signal if it was not yet.
  func moment() -> Deadline? {
    if noticed == nil, let pending = SignalHold.takePending() {
      signal = pending
      note()
    }
    return noticed
  }

  /// Lets a signal that changed nothing be pending again: the token had answered all the same, and what
  /// comes next decides what it means.
  func postpone() {
    guard let signal else { return }
    self.signal = nil
    noticed = nil
    raise(signal)
  }

  var wasNoticed: Bool { noticed != nil }

  /// Takes note of one that was noticed elsewhere, as at a prompt.
  func note() {
    if noticed == nil { noticed = .now }
  }
}
