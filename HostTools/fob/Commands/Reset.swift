import TokenClient

/// `fob reset`: wipes the token.
enum Reset {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try Connection(invocation, console, for: [])
    let information = try connection.ask { session throws(TokenFailure) in
      try session.information()
    }
    if !invocation.has(.yes) {
      console.note(
        "This wipes the token \(information.serialNumber.text): \(information.stored) credentials, "
          + "their backup codes, the password and the PIN. It waits for a press of its button.")
      try console.confirm(typing: "RESET", to: "go on", otherwise: "type RESET there, or say --yes")
    }
    let identity = try connection.identity()
    try connection.ask { session throws(TokenFailure) in try session.reset() }
    console.note("The token is empty.")
    Inventory.note(connection, formerly: identity)
  }
}

extension Command {
  static let reset = Command(
    name: "reset", section: .token,
    summary: "Wipe the token: credentials, backup codes, password, PIN",
    details: [
      "Asks to type RESET. A token that holds anything then waits for a press of its button, so that no "
        + "program can wipe it unseen. It needs no password and no PIN: this is the way out when they "
        + "are forgotten. A clock that runs keeps running; one that lost the time can be set again."
    ],
    options: [.yes, .token],
    examples: [Example("fob reset", "Wipe the token, after a question")],
    statuses: [.noToken, .notConfirmed, .disconnected, .interrupted],
    run: Reset.run)
}
