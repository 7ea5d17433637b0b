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
  private var known: TokenInformation?
  /// Its number among what the console has to do at the end.
  private let ending: Int

  /// Whether a command may start with no token at all.
  enum Absence {
    /// The token has to be there.
    case refused
    /// A simulated token in a file is made when there is none: provisioning starts with that.
    case created
  }

  /// Connects to the token that the person chose.
  ///
  /// - Parameters:
  ///   - purpose: what is to be proved for, if the token has a password or a PIN; nothing for the commands
  ///     that a locked token takes.
  ///   - key: what opened the token before, so that nobody has to be asked again.
  convenience init(
    _ invocation: Invocation, _ console: Console, ifAbsent absence: Absence = .refused,
    for purpose: Purpose, key: AccessKey? = nil
  ) throws(FobError) {
    try self.init(to: TokenChoice(invocation), console, ifAbsent: absence)
    try unlock(invocation, for: purpose, key)
  }

  /// Connects to a token, and leaves it locked if it is.
  init(
    to choice: TokenChoice, _ console: Console, ifAbsent absence: Absence = .refused
  ) throws(FobError) {
    self.console = console
    self.choice = choice
    let transport = try choice.transport(ifAbsent: absence, console)
    let interruption = console.interruption
    let framing = FramingSession(over: transport)
    framing.isCancelled = { [unowned framing] in
      guard let moment = interruption.moment() else { return false }
      if framing.cancelledAt == nil { framing.cancelledAt = moment }
      return true
    }
    framing.touchIsAwaited = { isAwaited in
      if isAwaited { console.note("Press the token's button: \(Printable.text(choice.text)).") }
    }
    let session = try Self.asking(interruption) { () throws(TokenFailure) in
      try TokenSession(on: framing)
    }
    self.session = session
    ending = console.endings.add { session.close() }
    session.verifiesAgain = { console.note("The token asks for its PIN to be confirmed again.") }
    if case .pluggedIn = choice {
      try choice.requireChoice(
        of: ask { session throws(TokenFailure) in try session.information() }.body)
    }
  }

  /// Has `body` talk to the token; Ctrl-C is held back until the token has answered, cancels the wait for
  /// its button, and ends the wait for a token that does not answer in less than a second.
  func ask<Result>(
    _ body: (TokenSession) throws(TokenFailure) -> Result
  ) throws(FobError) -> Result {
    try Self.asking(console.interruption) { () throws(TokenFailure) in try body(session) }
  }

  /// Ends what was proved to the token, and lets go of it.
  func close() {
    session.close()
    console.endings.done(ending)
  }

  deinit {
    close()
  }

  fileprivate static func asking<Result>(
    _ interruption: Interruption, _ body: () throws(TokenFailure) -> Result
  ) throws(FobError) -> Result {
    try SignalHold.during { () throws(FobError) in
      do throws(TokenFailure) {
        let result = try body()
        interruption.postpone()
        return result
      } catch {
        if error == .cancelled, interruption.wasNoticed { throw FobError(.interrupted, "") }
        throw FobError(error)
      }
    }
  }

  /// What the token says about itself; asked for once.
  func information() throws(FobError) -> TokenInformation {
    if let known { return known }
    let answer = try ask { session throws(TokenFailure) in try session.information() }
    known = answer
    return answer
  }

  /// What the inventory knows this token by.
  func identity() throws(FobError) -> InventoryEntry.Identity {
    InventoryEntry.Identity(
      serial: try information().serialNumber.text, way: InventoryEntry.way(choice.text),
      identifier: session.selection?.identifier.text)
  }

  /// Connects anew to a token that went away.
  func reconnect() throws(FobError) {
    known = nil
    try ask { session throws(TokenFailure) in try session.reopen() }
  }

  /// The token as prompts and errors name it: what chose it, what it is and its serial number.
  func title() throws(FobError) -> String {
    let information = try information()
    let body = choice.body(claimed: information.body).text
    return "\(Printable.text(choice.text)) (\(body), \(information.serialNumber.text))"
  }

  func noteAccessKey(_ key: AccessKey) { accessKey = key }

  /// Has the token not forget the PIN while the person thinks about an answer, which would cost another
  /// press of the button.
  func keepVerified() {
    console.input.whileWaiting.append(VerifiedPIN(session, console.interruption).keep)
  }

  /// The key that `password` stands for, and from now on the one that was proved.
  ///
  /// - Parameter pin: the PIN of a token that has one and no password.
  func setPassword(_ password: SecretBytes, pin: UserPIN?) throws(FobError) {
    let key = try ask { session throws(TokenFailure) in
      let key = try session.accessKey(password: password)
      try session.setAccessKey(key, pin: pin)
      return key
    }
    accessKey = key
  }
}

/// A PIN that a session has verified, and that the token would forget after a minute of silence.
private struct VerifiedPIN {
  private let session: TokenSession
  private let interruption: Interruption

  init(_ session: TokenSession, _ interruption: Interruption) {
    self.session = session
    self.interruption = interruption
  }

  func keep() throws(FobError) {
    do throws(FobError) {
      try Connection.asking(interruption) { () throws(TokenFailure) in try session.keepVerified() }
    } catch {
      // A token that went away is found out by the next command.
      guard error.status != .interrupted else { throw error }
    }
  }
}
