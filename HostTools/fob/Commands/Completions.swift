/// `fob completions`: a script that teaches a shell to complete fob's command lines.
enum Completions {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let commands = CommandTable.all.filter { !$0.isHidden }
    switch invocation.argument(0) {
    case "bash": console.write(BashCompletions(commands: commands).text)
    case "zsh": console.write(ZshCompletions(commands: commands).text)
    default: console.write(FishCompletions(commands: commands).text)
    }
  }
}

extension Command {
  static let completions = Command(
    name: "completions", section: .other,
    summary: "Print a script that lets a shell complete fob's command lines",
    details: [
      "The script completes commands, options, files, and the names of the credentials on the "
        + "token that FOB_TOKEN chooses."
    ],
    arguments: [
      Argument(
        name: "SHELL", summary: "bash, zsh or fish", kind: .choice(["bash", "zsh", "fish"]))
    ],
    examples: [
      Example("source <(fob completions bash)", "In ~/.bashrc: complete fob's command lines"),
      Example(
        "fob completions zsh > ~/.zfunc/_fob", "Where ~/.zfunc is in fpath before compinit runs"),
      Example(
        "fob completions fish > ~/.config/fish/completions/fob.fish", "For every new fish"),
    ],
    run: Completions.run)
}
