/// `fob help`: the commands, one of them, or the exit statuses.
enum Help {
  static let topic = "exit-statuses"

  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let commands = CommandTable.all
    let help = HelpText(commands: commands, width: min(console.width, 100))
    guard let name = invocation.argument(0) else {
      return console.write(help.overview)
    }
    if name == topic {
      return console.write(help.exitStatuses)
    }
    if let command = commands.first(where: { $0.name == name }) {
      return console.write(help.text(for: command))
    }
    if let text = help.text(forGroup: name) {
      return console.write(text)
    }
    let known = commands.filter { !$0.isHidden }.map(\.name) + [topic]
    let guess = NearMiss.best(for: name, among: known).map { "did you mean '\($0)'?" }
    throw FobError(
      .usage,
      "There is no command \(Printable.short(name)); \(guess ?? "'fob help' lists them").")
  }
}

extension Command {
  static let help = Command(
    name: "help", section: .other,
    summary: "Explain fob, one of its commands, or what it ends with",
    arguments: [
      Argument(
        name: "COMMAND", summary: "a command, or 'exit-statuses'", kind: .command, isOptional: true)
    ],
    examples: [Example("fob help add", "Explain how to put a credential on the token")],
    run: Help.run)
}
