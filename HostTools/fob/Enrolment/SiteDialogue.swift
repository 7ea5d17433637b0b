import TokenClient
import TokenCore

/// The middle of `enable` and `update`: the new code is shown, the site judges it, and the person
/// says what the site said. Afterwards, the backup codes.
struct SiteDialogue {
  let connection: Connection
  let console: Console
  let invocation: Invocation
  /// Computes a code from the new secret.
  let code: (TokenSession) throws(TokenFailure) -> IssuedCode

  /// Shows codes until the person has an answer. Throws when there is none to come: the input has
  /// ended, or Ctrl-C was pressed.
  func siteTookIt() throws(FobError) -> Bool {
    while true {
      try show(try connection.ask { session throws(TokenFailure) in try code(session) })
      if invocation.has(.yes) { return true }
      let question = "Did the site take it? [yes/no, or an empty line for a new code]"
      let way = "answer yes or no there, or say --yes"
      switch try console.answer(to: question, otherwise: way).lowercased() {
      case "y", "yes": return true
      case "n", "no": return false
      case "": continue
      default:
        guard console.isInteractive else {
          throw FobError(.notConfirmed, "The answer was neither yes nor no.")
        }
      }
    }
  }

  /// The code on standard output, how long it lives on standard error.
  private func show(_ issued: IssuedCode) throws(FobError) {
    console.ask("Enter this code at the site")
    if let remaining = issued.validity?.remaining {
      console.ask(" (\(DurationText.of(Freshness.wholeSeconds(remaining))) left)")
    }
    console.ask(": ")
    console.line(console.style.bold(issued.text))
    try console.flush()
    // With the code gone to another program, its line on standard error still has to end.
    if !console.isDrawable { console.ask("\n") }
  }

  /// The codes named on the command line, read before anything is changed.
  static func backupCodes(_ invocation: Invocation) throws(FobError) -> [SecretBytes]? {
    guard let file = invocation.text(.backupCodes), file != "-" else { return nil }
    return try BackupCodes.read(file)
  }

  /// Keeps the backup codes on the token if they were given, or if the person wants it. The account
  /// is enabled by now, whatever happens here.
  func keepBackupCodes(_ given: [SecretBytes]?, for name: Credential.Name) throws(FobError) {
    var codes = given ?? []
    if invocation.text(.backupCodes) == "-" {
      codes = try BackupCodes.ask(console)
    } else if given == nil, console.isInteractive, !invocation.has(.yes) {
      let wanted = try console.confirm(
        "Keep the site's backup codes on the token?", otherwise: "answer yes or no there")
      if wanted { codes = try BackupCodes.ask(console) }
    }
    guard !codes.isEmpty else { return }
    try connection.ask { session throws(TokenFailure) in
      try session.storeRecoveryCodes(codes, for: name)
    }
    console.note("\(codes.count) backup codes are on the token; 'fob recover' hands them out.")
  }
}

extension Option {
  static let backupCodes = Option(
    "backup-codes", value: "FILE", kind: .file,
    "keep the site's backup codes from this file on the token, one a line; '-' is standard input")
}
