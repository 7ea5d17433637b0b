/// One command of `fob`: all that the parser, the help, the completions and the manual page have
/// to know about it, so that they cannot disagree.
struct Command: Sendable {
  /// One word, or two for a command of a group: `code`, `clock sync`.
  let name: String
  let section: Section
  /// What it does, in one line that starts with a verb and has no full stop.
  let summary: String
  /// Paragraphs that follow the summary.
  var details: [String] = []
  var arguments: [Argument] = []
  /// Exactly one of these has to be given.
  var alternatives: [Option] = []
  var options: [Option] = []
  var examples: [Example] = []
  /// What it can end with besides `ok`, `failed` and `usage`, which are everybody's.
  var statuses: [ExitStatus] = []
  /// Hidden commands are for the project itself and appear nowhere.
  var isHidden = false
  let run: @Sendable (Invocation, Console) throws(FobError) -> Void

  /// Whom a command is for; the help and the manual page are divided by it.
  enum Section: String, CaseIterable, Sendable {
    case account = "An account's second factor"
    case credentials = "The credentials on a token"
    case token = "The token itself"
    case simulator = "A simulated token"
    case other = "Other"
  }

  struct Example: Sendable {
    let line: String
    let meaning: String

    init(_ line: String, _ meaning: String) {
      self.line = line
      self.meaning = meaning
    }
  }

  /// The words of the name: one or two.
  var words: [String] { name.split(separator: " ").map(String.init) }

  /// Every option that may be given: the alternatives, its own, and those of every command.
  var allOptions: [Option] { alternatives + options + [.help] }

  /// `fob add [NAME] (--qr FILE | --uri -) [options]`
  var synopsis: String {
    var parts = ["fob", name] + arguments.filter { !$0.takesRest }.map(\.usage)
    if !alternatives.isEmpty {
      parts.append("(" + alternatives.map(\.usage).joined(separator: " | ") + ")")
    }
    if !options.isEmpty { parts.append("[options]") }
    parts += arguments.filter(\.takesRest).map(\.usage)
    return parts.joined(separator: " ")
  }
}
