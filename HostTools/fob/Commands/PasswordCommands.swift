import TokenClient

/// `fob password set` and `clear`: YKOATH's access key.
enum PasswordCommands {
  static func set(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try Connection(invocation, console, for: [])
    let isReplaced = connection.session.isLocked
    let pin = try connection.pinToSend(invocation)
    if pin == nil { try connection.unlock(invocation, for: .provisioning) }
    let password: SecretBytes
    if let file = invocation.text(.newPasswordFile) {
      password = try Password.read(file, console, of: connection.title())
    } else {
      password = try Password.new(console, of: connection.title())
    }
    try connection.setPassword(password, pin: pin)
    Inventory.note(connection)
    console.note(
      isReplaced
        ? "The token's password is changed." : "The token has a password now, and wants it.")
  }

  static func clear(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try Connection(invocation, console, for: .provisioning)
    guard connection.accessKey != nil else {
      throw FobError(.failed, "The token has no password.")
    }
    try connection.ask { session throws(TokenFailure) in try session.clearAccessKey() }
    Inventory.note(connection)
    console.note("The token has no password any more: whoever holds it can ask it for codes.")
  }
}

extension Option {
  static let newPasswordFile = Option(
    "new-password-file", value: "FILE", kind: .file,
    "a file with the new password in its first line; '-' is standard input")
}

extension Command {
  static let passwordSet = Command(
    name: "password set", section: .token, summary: "Set or change the token's password",
    details: [
      "A token with a password says nothing about its credentials, and gives no codes, until it "
        + "was proved. --password-file has the old password, if there is one; the new one is typed, or "
        + "read from --new-password-file or from standard input. A token that has only a PIN needs that "
        + "PIN, and a press of its button, to get a password.",
      "Set while the token is empty, the password also allows to set its clock freely; see "
        + "'fob help clock sync'.",
    ],
    options: [.newPasswordFile] + Option.connection,
    examples: [
      Example("fob password set", "Choose a password; it is not shown while typed"),
      Example(
        "fob password set --password-file old.txt --new-password-file new.txt",
        "Change it without a terminal"),
    ],
    statuses: [.noToken, .locked, .badInput, .disconnected, .interrupted],
    run: PasswordCommands.set)

  static let passwordClear = Command(
    name: "password clear", section: .token, summary: "Do without a password again",
    options: Option.connection,
    examples: [Example("fob password clear", "Take the password off the token")],
    statuses: [.noToken, .locked, .badInput, .disconnected, .interrupted],
    run: PasswordCommands.clear)
}
