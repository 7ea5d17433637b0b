import TokenClient
import TokenCore

/// A token that answers, and what it takes to talk to it on a person's behalf: the password, word
/// of the button, and Ctrl-C.
final class Connection {
  let session: TokenSession
  let console: Console
  let choice: TokenChoice
  /// The key that opened the token, if it needed one.
  private(set) var accessKey: AccessKey?
  private let interruption: Interruption

  /// Whether a command may start with no token at all.
  enum Absence {
    /// The token has to be there.
    case refused
    /// A simulated token in a file is made when there is none: provisioning starts with that.
    case created
  }

  /// Whether a command needs to know the password of a token that has one.
  enum Lock {
    case opened
    /// The command is one of those that a locked token takes.
    case left
  }

  /// Connects to the token that the person chose.
  ///
  /// - Parameter key: what opened the token before, so that nobody has to be asked again.
  convenience init(
    _ invocation: Invocation, _ console: Console, ifAbsent absence: Absence = .refused,
    lock: Lock = .opened, key: AccessKey? = nil
  ) throws(FobError) {
    try self.init(to: TokenChoice(invocation), console, ifAbsent: absence)
    if lock == .opened { try unlock(invocation, key) }
  }

  /// Connects to a token, and leaves it locked if it is.
  init(
    to choice: TokenChoice, _ console: Console, ifAbsent absence: Absence = .refused
  ) throws(FobError) {
    self.console = console
    self.choice = choice
    let transport = try choice.transport(ifAbsent: absence, console)
    let interruption = Interruption()
    self.interruption = interruption
    let framing = FramingSession(over: transport)
    framing.isCancelled = { interruption.isPending }
    framing.touchIsAwaited = { isAwaited in
      if isAwaited { console.note("Press the token's button.") }
    }
    session = try Self.asking(interruption) { () throws(TokenFailure) in
      try TokenSession(on: framing)
    }
    if case .pluggedIn = choice {
      try choice.requireChoice(
        of: ask { session throws(TokenFailure) in try session.information() }.body)
    }
  }

  /// Has `body` talk to the token; Ctrl-C is held back until the token has answered, or cancels the
  /// wait for its button.
  func ask<Result>(
    _ body: (TokenSession) throws(TokenFailure) -> Result
  ) throws(FobError) -> Result {
    try Self.asking(interruption) { () throws(TokenFailure) in try body(session) }
  }

  func close() {
    session.close()
  }

  private static func asking<Result>(
    _ interruption: Interruption, _ body: () throws(TokenFailure) -> Result
  ) throws(FobError) -> Result {
    try SignalHold.during { () throws(FobError) in
      do throws(TokenFailure) {
        return try body()
      } catch {
        if error == .cancelled, interruption.wasNoticed { throw FobError(.interrupted, "") }
        throw FobError(error)
      }
    }
  }

  /// Proves the password if the token wants it.
  func unlock(_ invocation: Invocation, _ key: AccessKey? = nil) throws(FobError) {
    guard session.isLocked else { return }
    let proof: AccessKey
    if let key {
      proof = key
    } else {
      let password = try Password.current(invocation, console)
      proof = try ask { session throws(TokenFailure) in try session.accessKey(password: password) }
    }
    try ask { session throws(TokenFailure) in try session.validate(proof) }
    accessKey = proof
  }

  /// The key that `password` stands for, and from now on the one that was proved.
  func setPassword(_ password: SecretBytes) throws(FobError) {
    let key = try ask { session throws(TokenFailure) in
      let key = try session.accessKey(password: password)
      try session.setAccessKey(key)
      return key
    }
    accessKey = key
  }
}

/// Whether Ctrl-C was pressed while the token was at work.
private final class Interruption {
  private(set) var wasNoticed = false

  var isPending: Bool {
    if !wasNoticed { wasNoticed = SignalHold.isInterrupted() }
    return wasNoticed
  }
}
