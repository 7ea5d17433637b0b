/// What `fob help` prints, made from the table of commands.
struct HelpText {
  let commands: [Command]
  /// Columns to wrap at.
  let width: Int

  /// The first line of all help: nobody shall take a simulation for a thing one can hold.
  static let firstLine =
    "fob talks to Watchfob tokens: hardware on USB, and simulated ones, software."

  /// All commands, a line each.
  var overview: String {
    var text = HelpText.firstLine + "\n\nusage: fob COMMAND [ARGUMENTS] [OPTIONS]\n"
    for section in Command.Section.allCases {
      let rows = commands.filter { $0.section == section && !$0.isHidden }
        .map { (term: $0.name, meaning: $0.summary) }
      guard !rows.isEmpty else { continue }
      text += "\n\(section.rawValue):\n" + Wrapping.table(rows, width: width)
    }
    text += "\nChoosing a token:\n"
    text += Wrapping.table(TokenChoice.kinds, width: width)
    text += "\n" + Wrapping.wrap(Self.choosing, width: width) + "\n"
    text +=
      "\n'fob help COMMAND' explains one, 'fob help exit-statuses' what fob ends with.\n"
    return text
  }

  static let choosing =
    "Give one of these with --token, or once and for all in the environment variable FOB_TOKEN. "
    + "With none given, the token that is plugged in is used, if it is the only one and hardware."

  /// One command, in full.
  func text(for command: Command) -> String {
    var text = "usage: \(Wrapping.wrap(command.synopsis, width: width - 7, indent: 7))\n\n"
    text += Wrapping.wrap("\(command.summary).", width: width) + "\n"
    for paragraph in command.details {
      text += "\n" + Wrapping.wrap(paragraph, width: width) + "\n"
    }
    let arguments = command.arguments.map { (term: $0.name, meaning: $0.summary) }
    text += section("Arguments", arguments)
    text += section("Options", command.allOptions.map(Self.row))
    if !command.examples.isEmpty {
      text += "\nExamples:\n"
      for example in command.examples {
        text += "  \(example.line)\n"
        text += "      \(Wrapping.wrap(example.meaning, width: width - 6, indent: 6))\n"
      }
    }
    let statuses = [.ok, .failed, .usage] + command.statuses
    text += "\nExit statuses: \(statuses.map { "\($0.rawValue)" }.joined(separator: ", "))"
    return text + "; see 'fob help exit-statuses'\n"
  }

  /// The commands of a group, such as `sim`.
  func text(forGroup name: String) -> String? {
    let members = commands.filter { $0.words.count == 2 && $0.words[0] == name && !$0.isHidden }
    guard !members.isEmpty else { return nil }
    var text = "usage: fob \(name) COMMAND [ARGUMENTS] [OPTIONS]\n\n"
    text += Wrapping.table(members.map { ($0.name, $0.summary) }, width: width)
    if let usual = CommandTable.usual[name] {
      text += "\n'fob \(name)' alone is 'fob \(usual)'.\n"
    }
    return text + "\n'fob help \(name) COMMAND' explains one of them.\n"
  }

  /// The exit statuses.
  var exitStatuses: String {
    "What fob ends with:\n"
      + Wrapping.table(
        ExitStatus.allCases.map { (term: "\($0.rawValue)", meaning: $0.meaning) }, width: width)
  }

  private func section(_ title: String, _ rows: [(term: String, meaning: String)]) -> String {
    rows.isEmpty ? "" : "\n\(title):\n" + Wrapping.table(rows, width: width)
  }

  static func row(_ option: Option) -> (term: String, meaning: String) {
    let letter = option.letter.map { "-\($0), " } ?? ""
    return (letter + option.usage, option.summary)
  }
}
