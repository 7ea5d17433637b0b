import TokenClient

/// `fob disable`: takes a person through a site's 'Disable MFA'.
enum Disable {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try Connection(invocation, console, for: .provisioning)
    let credential = try Lookup.credential(invocation.arguments[0], on: connection)
    if !invocation.has(.yes) {
      console.note(
        "This wipes the secret of '\(credential.name)' and its backup codes. Disable MFA at the "
          + "site first: it will ask for a code.")
      try console.confirm(
        typing: "DISABLE", to: "go on", otherwise: "type DISABLE there, or say --yes")
    }
    try connection.ask { session throws(TokenFailure) in try session.delete(credential.name) }
    console.note("'\(credential.name)' and its backup codes are wiped.")
    Inventory.note(connection)
  }
}

extension Command {
  static let disable = Command(
    name: "disable", section: .account,
    summary: "Wipe an account's secret and backup codes, after its MFA was disabled",
    details: [
      "Asks to type DISABLE. Both are overwritten on the token before this ends; there is no way "
        + "back."
    ],
    arguments: [.existingName],
    options: [.yes] + Option.connection,
    examples: [Example("fob disable Shop:ann", "Wipe what belongs to an account")],
    statuses: [
      .noToken, .unknownName, .locked, .notConfirmed, .disconnected, .interrupted,
    ],
    run: Disable.run)
}
