import JSON
import TokenClient
import TokenCore

/// `fob code`: the codes of now, one or all.
enum CodeCommand {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    if invocation.has(.watch) {
      return try CodeWatch(invocation, console).run()
    }
    let connection = try Connection(invocation, console, for: .use)
    try ClockCare.attend(connection)
    guard let name = invocation.argument(0) else {
      return try all(invocation, connection)
    }
    let credential = try Lookup.credential(name, on: connection, .partial)
    let issued: IssuedCode
    if invocation.has(.wait) {
      issued = try Freshness.code(of: credential, on: connection)
    } else {
      issued = try connection.ask { session throws(TokenFailure) in
        try session.calculate(credential.name)
      }
    }
    if invocation.has(.json) {
      console.line(CodeReport.json(credential, .code(issued)).indentedText)
    } else {
      let life = issued.validity.map { CodeReport.left($0) } ?? ""
      // A pipe gets the code alone.
      console.line(
        console.style.bold(issued.text)
          + (console.isDrawable && !life.isEmpty ? "  " + console.style.dim(life) : ""))
    }
  }

  private static func all(
    _ invocation: Invocation, _ connection: Connection
  ) throws(FobError) {
    let console = connection.console
    var all = try connection.ask { session throws(TokenFailure) in try session.calculateAll() }
    try CodeReport.requireClock(all)
    if invocation.has(.wait), let longest = CodeReport.timeUntilFresh(all) {
      if console.isInteractive {
        let words = DurationText.of(Freshness.wholeSeconds(longest))
        console.note("Waiting \(words) for fresh codes.")
      }
      try SignalHold.during { () throws(FobError) in
        try SignalHold.sleep(milliseconds: Int(longest.rawValue / 1000) + 50)
      }
      all = try connection.ask { session throws(TokenFailure) in try session.calculateAll() }
    }
    if invocation.has(.json) {
      let codes = all.map { CodeReport.json($0.credential, $0.outcome) }
      console.line(JSON.array(codes).indentedText)
    } else if all.isEmpty {
      console.note("There are no credentials on the token; 'fob help add' says how to add one.")
    } else {
      console.table(["NAME", "CODE", "LEFT"], all.map(CodeReport.row))
    }
  }
}

extension Option {
  static let wait = Option(
    "wait", "wait for a fresh code if this one is about to end", excludes: ["watch"])
  static let watch = Option(
    "watch", letter: "w", "show codes as they change, with what is left of them, until Ctrl-C")
}

extension Command {
  static let code = Command(
    name: "code", section: .credentials, summary: "Show the code of a credential, or all codes",
    details: [
      "A code is computed by the token, for the time on its own clock. Without NAME, credentials "
        + "that count or want the button pressed are listed without a code: ask for them by name. "
        + "NAME may be just the issuer or the account, if that says which is meant.",
      "A code is about to end in its last 5 seconds (in the last sixth of a life below 30 s).",
      "--watch proves the password to the token again whenever it is due. A token with a PIN needs a press "
        + "of its button every ten minutes for that, and no other program can use a simulated token in "
        + "a file meanwhile.",
    ],
    arguments: [
      Argument(
        name: "NAME", summary: "the credential; all of them if this is left out",
        kind: .credential, isOptional: true)
    ],
    options: [.wait, .watch, .json] + Option.connection,
    examples: [
      Example("fob code", "Show all codes"),
      Example("fob code Shop:ann", "Show one"),
      Example("fob code --watch", "Keep all codes on the screen"),
      Example("fob code --json", "Print all codes for another program"),
    ],
    statuses: [
      .noToken, .unknownName, .locked, .clock, .notConfirmed, .disconnected, .interrupted,
    ],
    run: CodeCommand.run)
}
