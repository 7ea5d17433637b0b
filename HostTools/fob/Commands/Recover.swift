import JSON
import TokenClient

/// `fob recover`: the backup codes that the token keeps for when there is no code.
enum Recover {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    var codes: [SecretBytes] = []
    if let file = invocation.text(.store), file != "-" { codes = try BackupCodes.read(file) }
    let purpose: Purpose =
      invocation.has(.store) ? .provisioning : invocation.has(.count) ? .look : .use
    let connection = try Connection(invocation, console, for: purpose)
    let name = try Lookup.credential(invocation.arguments[0], on: connection).name
    if let file = invocation.text(.store) {
      if file == "-" { codes = try BackupCodes.ask(console) }
      guard !codes.isEmpty else { throw FobError(.badInput, "No backup codes were given.") }
      try connection.ask { session throws(TokenFailure) in
        try session.storeRecoveryCodes(codes, for: name)
      }
      console.note("\(codes.count) backup codes for '\(name)' are on the token.")
    } else if invocation.has(.count) {
      let count = try connection.ask { session throws(TokenFailure) in
        try session.countRecoveryCodes(for: name)
      }
      if invocation.has(.json) {
        console.line(json(count).indentedText)
      } else {
        console.line("\(count.left) of \(count.stored) left")
      }
    } else {
      try hand(name, connection, invocation)
    }
  }

  private static func hand(
    _ name: Credential.Name, _ connection: Connection, _ invocation: Invocation
  ) throws(FobError) {
    let console = connection.console
    let (code, count) = try connection.ask { session throws(TokenFailure) in
      try session.takeRecoveryCode(for: name)
    }
    if invocation.has(.json) {
      var object = json(count)
      object["code"] = .string(code.text)
      console.line(object.indentedText)
    } else {
      console.line(code.text)
    }
    try console.flush()
    let advice = count.left == 0 ? "; have the site issue new ones" : ""
    console.note(
      "This code is used up now: \(count.left) of \(count.stored) are left for '\(name)'\(advice).")
  }

  private static func json(_ count: RecoveryCount) -> JSON {
    ["left": .integer(count.left), "stored": .integer(count.stored)]
  }
}

extension Option {
  static let count = Option("count", "say how many are left, and hand out none")
  static let store = Option(
    "store", value: "FILE", kind: .file,
    "replace the codes kept by those in this file, one a line; '-' is standard input",
    excludes: ["count", "json"])
}

extension Command {
  static let recover = Command(
    name: "recover", section: .account, summary: "Hand out the next unused backup code",
    details: [
      "The code goes to standard output, and is overwritten on the token: none is handed out "
        + "twice. How many are left is said on standard error."
    ],
    arguments: [.existingName],
    options: [.count, .store, .json] + Option.connection,
    examples: [
      Example("fob recover Shop:ann", "Get a code to log in without the token's clock"),
      Example("fob recover Shop:ann --count", "See how many there are"),
      Example(
        "fob recover Shop:ann --store codes.txt", "Keep the codes that a site has just shown"),
    ],
    statuses: [
      .noToken, .unknownName, .locked, .notConfirmed, .badInput, .disconnected, .interrupted,
    ],
    run: Recover.run)
}
