import TokenClient
import TokenCore

/// `fob enable`: takes a person through a site's 'Enable MFA'.
enum Enable {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    // Before anybody types a secret for no token.
    _ = try TokenChoice(invocation)
    let argument = invocation.argument(0)
    let backupCodes = try SiteDialogue.backupCodes(invocation)
    var issued = try Issued(invocation, name: argument, console)
    defer { issued.wipeSecret() }
    let name = try issued.credentialName(issued.label(argument))
    var credential = Optional(try issued.credential(name, touch: invocation.has(.touch)))

    try SecondToken.requireFit(name, invocation)
    let connection = try Connection(
      invocation, console, ifAbsent: .created, for: [.provisioning, .use])
    let second = try SecondToken.beside(connection, invocation, for: .provisioning)
    try Lookup.requireNone(called: name, on: connection)
    if let second {
      try Lookup.requireNone(called: name, on: second.connection)
      _ = try ClockCare.prepare(second.connection)
    }
    // Without a clock there is no code to show, and nothing shall have changed then.
    if let trouble = try ClockCare.prepare(connection) { throw trouble }

    let dialogue = SiteDialogue(connection: connection, console: console, invocation: invocation) {
      session throws(TokenFailure) in try session.calculate(name)
    }
    try SignalHold.during { () throws(FobError) in
      if let credential {
        try connection.ask { session throws(TokenFailure) in try session.put(credential) }
        try second?.put(credential, after: connection)
      }
      // The key is the token's from here on, however long the site takes.
      credential = nil
      try confirm(dialogue, name, second)
    }
    Inventory.note(connection)
    if let second {
      Inventory.note(second.connection)
      console.note("'\(name)' is on \(second.place) too; backup codes are kept on the first alone.")
    }
    console.note("'\(name)' is enabled, and its codes come from the token.")
    try dialogue.keepBackupCodes(backupCodes, for: name)
  }

  /// Removes the credential again unless the site took its code.
  private static func confirm(
    _ dialogue: SiteDialogue, _ name: Credential.Name, _ second: SecondToken?
  ) throws(FobError) {
    let verdict: FobError
    do throws(FobError) {
      if try dialogue.siteTookIt() { return }
      verdict = FobError(.notConfirmed, "The site did not take the code.")
    } catch {
      verdict = error
      // What the person does not wait for any more has to be quick.
      if error.status == .interrupted { dialogue.console.interruption.note() }
    }
    do throws(FobError) {
      try second?.connection.ask { session throws(TokenFailure) in try session.delete(name) }
    } catch {
      dialogue.console.note(
        "fob: Warning: '\(name)' may still be on \(second?.place ?? "the second token"): "
          + error.sentence)
    }
    do throws(FobError) {
      try dialogue.connection.ask { session throws(TokenFailure) in try session.delete(name) }
    } catch {
      throw FobError(
        verdict.status == .interrupted ? .interrupted : error.status,
        "\(error.sentence) '\(name)' may still be on the token; 'fob remove' takes it off.")
    }
    let cause = verdict.sentence.isEmpty ? "Interrupted." : verdict.sentence
    throw FobError(verdict.status, "\(cause) '\(name)' was removed from the token again.")
  }
}

extension Command {
  static let enable = Command(
    name: "enable", section: .account,
    summary: "Go through a site's 'Enable MFA': secret, code, confirmation, backup codes",
    details: [
      "Puts the secret on the token, shows its code to enter at the site, and asks whether the "
        + "site took it. After anything but yes the credential is removed again. Then the site's "
        + "backup codes can be kept on the token too; 'fob recover' hands them out one by one.",
      "With no terminal, standard input has the address or key in its first line if --uri - or "
        + "--key - is given, then the answer, then the backup codes if --backup-codes - is.",
    ],
    arguments: [
      Argument(name: "NAME", summary: "what to call it, up to 64 bytes", isOptional: true)
    ],
    alternatives: Option.sources,
    options: Option.description + [.also, .backupCodes, .yes] + Option.connection,
    examples: [
      Example(
        "fob enable Shop:ann --qr shop.png", "Enable MFA with the QR code that the site shows"),
      Example(
        "fob enable Shop:ann --qr shop.png --backup-codes codes.txt",
        "Keep the backup codes that were downloaded on the token as well"),
    ],
    statuses: [
      .noToken, .occupied, .locked, .clock, .notConfirmed, .badInput, .disconnected, .interrupted,
    ],
    run: Enable.run)
}
