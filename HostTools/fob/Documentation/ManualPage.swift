/// The manual page fob(1), made from the table of commands, in the man(7) macros.
struct ManualPage {
  let commands: [Command]

  var text: String {
    var page = ".TH FOB 1 \"\" \"watchfob \(Version.text)\" \"User Commands\"\n"
    page += ".SH NAME\nfob \\- enrol, use and look after Watchfob tokens\n"
    page += ".SH SYNOPSIS\n.B fob\n.I COMMAND\n[arguments] [options]\n"
    page += ".SH DESCRIPTION\n"
    page += paragraph(HelpText.firstLine)
    page += paragraph(
      "A Watchfob token computes one-time codes (RFC 4226, RFC 6238) on its own clock. fob puts "
        + "credentials on it, shows their codes, and takes a person through the life of an "
        + "account's second factor. Results go to standard output and everything else to standard "
        + "error; where there is no terminal, answers are read from standard input.")
    for section in Command.Section.allCases {
      let members = commands.filter { $0.section == section && !$0.isHidden }
      guard !members.isEmpty else { continue }
      page += ".SH \"\(quoted(section.rawValue.uppercased()))\"\n"
      page += members.map(entry).joined()
    }
    page += ".SH \"CHOOSING A TOKEN\"\n"
    page += terms(TokenChoice.kinds) + paragraph(HelpText.choosing)
    page += ".SH \"EXIT STATUS\"\n"
    page += terms(ExitStatus.allCases.map { ("\($0.rawValue)", $0.meaning) })
    page += ".SH ENVIRONMENT\n" + terms(Self.environment)
    page += ".SH FILES\n" + terms(Self.files)
    return page
  }

  static let environment = [
    (term: "FOB_TOKEN", meaning: "the token to use where --token is not given"),
    (term: "XDG_DATA_HOME", meaning: "the folder that holds watchfob/; ~/.local/share if not set"),
    (
      term: "XDG_RUNTIME_DIR",
      meaning: "the folder for the sockets of running simulators"
    ),
    (term: "NO_COLOR", meaning: "if set to anything, nothing is coloured"),
  ]

  static let files = [
    (
      term: "~/.local/share/watchfob/token.image",
      meaning: "the simulated token that is chosen with 'sim'; it holds secrets, as the flash of a "
        + "real token does, and is readable by its owner only"
    )
  ]

  private func entry(_ command: Command) -> String {
    var text = ".SS \"\(quoted(command.synopsis))\"\n"
    text += paragraph("\(command.summary).")
    text += command.details.map(paragraph).joined()
    let arguments = command.arguments.map { (term: $0.name, meaning: $0.summary) }
    text += terms(arguments + (command.alternatives + command.options).map(HelpText.row))
    for example in command.examples {
      text +=
        ".PP\n\(escaped(example.meaning)):\n.PP\n.RS\n.nf\n\(escaped(example.line))\n.fi\n.RE\n"
    }
    return text
  }

  private func paragraph(_ text: String) -> String {
    ".PP\n\(escaped(text))\n"
  }

  private func terms(_ rows: [(term: String, meaning: String)]) -> String {
    rows.map { ".TP\n.B \(escaped($0.term))\n\(escaped($0.meaning))\n" }.joined()
  }

  /// Text as roff takes it: no request at the start of a line, no escape, and dashes and quotes
  /// that can be copied.
  private func escaped(_ text: String) -> String {
    var result = ""
    if let first = text.first, first == "." || first == "'" { result = "\\&" }
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "'": result += "\\(aq"
      case "`": result += "\\(ga"
      case "~": result += "\\(ti"
      case "^": result += "\\(ha"
      case "…": result += "..."
      default: result.append(character)
      }
    }
    return result
  }

  /// The same within the quotes of a macro's argument.
  private func quoted(_ text: String) -> String {
    escaped(text).split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\\(dq")
  }
}
