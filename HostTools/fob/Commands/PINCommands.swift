import TokenClient

/// `fob pin set`, `change`, `remove` and `verify`: the person's own secret.
enum PINCommands {
  static func set(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try Connection(invocation, console, for: [])
    // Before anybody thinks of a PIN for nothing.
    guard !connection.session.hasPIN else { throw FobError(.pinIsSet) }
    try connection.unlock(invocation, for: .provisioning)
    let pin = try PINEntry.new(console, of: connection.title())
    try connection.ask { session throws(TokenFailure) in try session.setPIN(pin) }
    console.note("The token has a PIN now, and wants it for every code.")
  }

  static func change(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try connected(invocation, console)
    let old = try PINEntry.current(invocation, console, of: connection.title())
    let new = try PINEntry.new(console, of: connection.title())
    try connection.ask { session throws(TokenFailure) in try session.changePIN(from: old, to: new) }
    console.note("The token's PIN is changed.")
  }

  static func remove(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try connected(invocation, console)
    let pin = try PINEntry.current(invocation, console, of: connection.title())
    try connection.ask { session throws(TokenFailure) in try session.changePIN(from: pin, to: nil) }
    console.note("The token has no PIN any more.")
  }

  static func verify(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try connected(invocation, console)
    let pin = try PINEntry.current(invocation, console, of: connection.title())
    try connection.ask { session throws(TokenFailure) in try session.verify(pin) }
    console.note("That is the PIN, and it has all its tries again.")
  }

  /// A token that has a PIN which is not blocked.
  private static func connected(
    _ invocation: Invocation, _ console: Console
  ) throws(FobError) -> Connection {
    let connection = try Connection(invocation, console, for: [])
    guard let tries = connection.session.selection?.pinTries else { throw FobError(.noPIN) }
    guard tries > 0 else { throw FobError(.pinBlocked) }
    try connection.prepareForPIN(invocation)
    return connection
  }
}

extension Command {
  private static let ends: [ExitStatus] = [
    .noToken, .locked, .notConfirmed, .badInput, .disconnected, .interrupted,
  ]

  static let pinSet = Command(
    name: "pin set", section: .token, summary: "Set a PIN, which the token wants for every code",
    details: [
      "A PIN has at least 4 characters and at most 64 bytes. It is typed twice, or read in one line from "
        + "standard input. The token waits for its button before it takes a PIN, and before it "
        + "judges one, so that no program can do so unseen.",
      "A wrong PIN spends one of eight tries, which only the right one gives back. Then it is blocked, "
        + "and only 'fob reset' makes the token usable again.",
      "The PIN is for using what is on the token. Putting things there takes the password, if there "
        + "is one ('fob password set'), and else the PIN as well.",
    ],
    options: Option.connection,
    examples: [Example("fob pin set", "Choose a PIN; it is not shown while typed")],
    statuses: ends + [.occupied],
    run: PINCommands.set)

  static let pinChange = Command(
    name: "pin change", section: .token, summary: "Change the token's PIN",
    details: ["--pin-file has the old PIN; the new one is typed, or read from standard input."],
    options: Option.connection,
    examples: [Example("fob pin change", "Type the old PIN, then the new one twice")],
    statuses: ends,
    run: PINCommands.change)

  static let pinRemove = Command(
    name: "pin remove", section: .token, summary: "Do without a PIN again",
    options: Option.connection,
    examples: [Example("fob pin remove", "Take the PIN off the token")],
    statuses: ends,
    run: PINCommands.remove)

  static let pinVerify = Command(
    name: "pin verify", section: .token, summary: "Try the PIN; the right one restores its tries",
    options: Option.connection,
    examples: [Example("fob pin verify", "See whether you remember it")],
    statuses: ends,
    run: PINCommands.verify)
}
