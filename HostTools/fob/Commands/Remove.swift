import TokenClient

/// `fob remove`: takes a credential off the token.
enum Remove {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try Connection(invocation, console, for: .provisioning)
    let credential = try Lookup.credential(invocation.arguments[0], on: connection)
    if !invocation.has(.yes) {
      let isMeant = try console.confirm(
        "Remove '\(credential.name)' for good?", otherwise: "answer yes there, or say --yes")
      guard isMeant else { throw FobError(.notConfirmed, "Nothing was removed.") }
    }
    try connection.ask { session throws(TokenFailure) in try session.delete(credential.name) }
    console.note("'\(credential.name)' is removed, and its secret overwritten.")
    Inventory.note(connection)
  }
}

extension Command {
  static let remove = Command(
    name: "remove", section: .credentials,
    summary: "Remove a credential, with its backup codes",
    arguments: [.existingName],
    options: [.yes] + Option.connection,
    examples: [
      Example("fob remove Shop:ann", "Remove a credential, after a question"),
      Example("fob remove Shop:ann --yes", "Remove it without one"),
    ],
    statuses: [
      .noToken, .unknownName, .locked, .notConfirmed, .disconnected, .interrupted,
    ],
    run: Remove.run)
}
