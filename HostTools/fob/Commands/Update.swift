import TokenClient
import TokenCore

/// `fob update`: takes a person through a site's 'Update MFA'. The new secret waits beside the old
/// one until the site is known to have taken it.
enum Update {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    // Before anybody types a secret for no token.
    _ = try TokenChoice(invocation)
    let backupCodes = try SiteDialogue.backupCodes(invocation)
    var issued = try Issued(invocation, name: invocation.arguments[0], console)
    defer { issued.wipeSecret() }
    let connection = try Connection(invocation, console, for: .provisioning)
    let old = try Lookup.credential(invocation.arguments[0], on: connection)
    try requireFit(issued, for: old)
    // Kept until COMMIT: a token may forget what was staged.
    let secret = StagedSecret(
      try issued.credential(old.name, touch: invocation.has(.touch) || old.needsTouch))
    try ClockCare.attend(connection)

    let dialogue = SiteDialogue(connection: connection, console: console, invocation: invocation) {
      session throws(TokenFailure) in try secret.code(session)
    }
    try SignalHold.during { () throws(FobError) in
      do throws(FobError) {
        try connection.ask { session throws(TokenFailure) in try secret.stage(session) }
        guard try dialogue.siteTookIt() else {
          throw FobError(.notConfirmed, "The site did not take the code.")
        }
      } catch {
        throw rolledBack(connection, old.name, after: error)
      }
      try commit(secret, connection)
    }
    console.note("'\(old.name)' has its new secret; the old one is overwritten.")
    try dialogue.keepBackupCodes(backupCodes, for: old.name)
  }

  /// The period is part of a credential's name on the token, so that an update cannot change it.
  private static func requireFit(_ issued: Issued, for old: Credential) throws(FobError) {
    guard try issued.credentialName(old.name.label) != old.name else { return }
    func life(_ name: Credential.Name) -> String {
      name.period.map { "a time of \($0.rawValue) s" } ?? "a counter"
    }
    let new = try issued.credentialName(old.name.label)
    throw FobError(
      .badInput,
      "The new codes are made from \(life(new)), those of '\(old.name)' from "
        + "\(life(old.name)); add it under another name, and remove this one afterwards.")
  }

  /// Takes the staged secret back.
  ///
  /// - Returns: what to tell the person, with what is on the token now.
  private static func rolledBack(
    _ connection: Connection, _ name: Credential.Name, after cause: FobError
  ) -> FobError {
    // What the person does not wait for any more has to be quick.
    if cause.status == .interrupted { connection.console.interruption.note() }
    let intact = "The old secret of '\(name)' is intact."
    do throws(FobError) {
      try connection.ask { session throws(TokenFailure) in try session.rollBack() }
    } catch {
      // What is staged is in the token's RAM alone, and no command has put it in the old one's
      // place: without its power, or after ten minutes, it is gone.
      let sentence = cause.status == .disconnected ? cause.sentence : error.sentence
      let status = cause.status == .interrupted ? .interrupted : error.status
      return FobError(status, "\(sentence) \(intact)")
    }
    let sentence = cause.sentence.isEmpty ? "Interrupted." : cause.sentence
    return FobError(cause.status, "\(sentence) \(intact)")
  }

  /// The site has the new secret by now, so that the token has to have it too: as long as there is a
  /// person, it is tried again.
  private static func commit(
    _ secret: StagedSecret, _ connection: Connection
  ) throws(FobError) {
    var isInDoubt = false
    while true {
      let failure: FobError
      var hasBegun = false
      do throws(FobError) {
        // A token that went away is found out before it is in doubt which secret it has.
        _ = try connection.ask { session throws(TokenFailure) in try session.information() }
        hasBegun = true
        return try connection.ask { session throws(TokenFailure) in try secret.commit(session) }
      } catch {
        failure = error
      }
      let isGone = failure.status == .disconnected || failure.status == .noToken
      isInDoubt = isInDoubt || (hasBegun && (isGone || failure.status == .interrupted))
      guard try isTriedAgain(after: failure, secret.name, connection) else {
        throw FobError(failure.status, "\(failure.sentence) " + outcome(secret.name, isInDoubt))
      }
      if isGone { try? connection.reconnect() }
    }
  }

  private static func outcome(_ name: Credential.Name, _ isInDoubt: Bool) -> String {
    isInDoubt
      ? "It was putting the new secret of '\(name)' in the old one's place: it has one of them, whole; "
        + "log in with 'fob login' to see which."
      : "The old secret of '\(name)' is intact. The site uses the new one by now: log in with a backup "
        + "code, and update MFA once more."
  }

  private static func isTriedAgain(
    after failure: FobError, _ name: Credential.Name, _ connection: Connection
  ) throws(FobError) -> Bool {
    switch failure.status {
    case .disconnected, .noToken, .notConfirmed: break
    default: return false
    }
    let console = connection.console
    guard console.isInteractive else { return false }
    console.note(
      "\(failure.sentence) The site has the new secret of '\(name)', so the token needs it.")
    do throws(FobError) {
      return try console.confirm("Try again?", otherwise: "answer yes or no there")
    } catch {
      return false
    }
  }
}

extension Command {
  static let update = Command(
    name: "update", section: .account,
    summary: "Go through a site's 'Update MFA': the old secret stays until the new one is taken",
    details: [
      "Stages the new secret beside the old one, shows its code to enter at the site, and asks "
        + "whether the site took it. On yes the new secret replaces the old one, at one instant, "
        + "and the old backup codes are wiped. On no, on Ctrl-C, when standard input ends or the "
        + "token is unplugged, the old secret stays as it was. A token that has forgotten the new secret "
        + "by the time of the yes, after ten minutes or because this computer slept, is told it again."
    ],
    arguments: [.existingName],
    alternatives: Option.sources,
    options: Option.description + [.backupCodes, .yes] + Option.connection,
    examples: [
      Example("fob update Shop:ann --qr new.png", "Replace a secret by the one the site shows now")
    ],
    statuses: [
      .noToken, .unknownName, .locked, .clock, .notConfirmed, .badInput, .disconnected,
      .interrupted,
    ],
    run: Update.run)
}
