import TokenClient

/// `fob login`: one fresh code, and nothing else on standard output.
enum Login {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try Connection(invocation, console, for: .use)
    let credential = try Lookup.credential(invocation.arguments[0], on: connection, .partial)
    try ClockCare.attend(connection)
    console.line(try Freshness.code(of: credential, on: connection).text)
  }
}

extension Command {
  static let login = Command(
    name: "login", section: .account,
    summary: "Print a fresh code to log in with, and nothing else",
    details: [
      "A code that is about to end is waited out, so that there is time to send it. NAME may be "
        + "just the issuer or the account, if that says which is meant."
    ],
    arguments: [.existingName],
    options: Option.connection,
    examples: [
      Example("fob login Shop:ann", "Print a code to type"),
      Example("fob login Shop:ann | wl-copy", "Put it on the clipboard"),
    ],
    statuses: [
      .noToken, .unknownName, .locked, .clock, .notConfirmed, .disconnected, .interrupted,
    ],
    run: Login.run)
}
