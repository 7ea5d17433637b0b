import TokenClient

/// `fob rename`: gives a credential another name.
enum Rename {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let label = invocation.arguments[1]
    guard !label.unicodeScalars.contains(where: Printable.isUnsafe) else {
      throw FobError(.badInput, "The name has characters that cannot be shown; choose another.")
    }
    let connection = try Connection(invocation, console, for: .provisioning)
    let credential = try Lookup.credential(invocation.arguments[0], on: connection)
    let new: Credential.Name
    do throws(TokenFailure) {
      new = try credential.name.renamed(to: label)
    } catch {
      throw FobError(error)
    }
    try Lookup.requireNone(called: new, on: connection, but: credential.name)
    let name = try connection.ask { session throws(TokenFailure) in
      try session.rename(credential.name, to: label)
    }
    console.note("'\(credential.name)' is '\(name)' now.")
    Inventory.note(connection)
  }
}

extension Command {
  static let rename = Command(
    name: "rename", section: .credentials,
    summary: "Give a credential another name",
    details: ["Its secret, settings and backup codes stay as they are."],
    arguments: [
      .existingName, Argument(name: "NEW", summary: "what to call it from now on"),
    ],
    options: Option.connection,
    examples: [Example("fob rename Shop:ann Shop:bob", "Rename a credential")],
    statuses: [.noToken, .unknownName, .occupied, .locked, .badInput, .disconnected],
    run: Rename.run)
}
