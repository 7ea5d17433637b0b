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
  /// The PIN that the token was told, if it wanted one.
  private(set) var pin: UserPIN?
  private var known: TokenInformation?

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
  ///   - pin: likewise.
  convenience init(
    _ invocation: Invocation, _ console: Console, ifAbsent absence: Absence = .refused,
    for purpose: Purpose, key: AccessKey? = nil, pin: UserPIN? = nil
  ) throws(FobError) {
    try self.init(to: TokenChoice(invocation), console, ifAbsent: absence)
    try unlock(invocation, for: purpose, key, pin)
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
    session = try Self.asking(interruption) { () throws(TokenFailure) in
      try TokenSession(on: framing)
    }
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

  func close() {
    session.close()
  }

  private static func asking<Result>(
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

  /// The token as prompts and errors name it: what chose it, what it is and its serial number.
  func title() throws(FobError) -> String {
    let information = try information()
    let body = choice.body(claimed: information.body).text
    return "\(Printable.text(choice.text)) (\(body), \(information.serialNumber.text))"
  }

  func noteAccessKey(_ key: AccessKey) { accessKey = key }
  func notePIN(_ proof: UserPIN) { pin = proof }

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
