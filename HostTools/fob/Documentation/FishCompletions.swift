/// A completion script for fish 3.
struct FishCompletions {
  let commands: [Command]

  var text: String {
    var lines = [
      "# fish completion for fob; made by 'fob completions fish'.", "",
      """
      function __fob_names
        command fob list --names 2>/dev/null </dev/null
      end
      """, "",
      """
      # Whether the words after 'fob' that are no options start with these.
      function __fob_is
        set -l words (commandline -opc)
        set -e words[1]
        set -l commands (string match -v -- '-*' $words)
        test (count $commands) -ge (count $argv); or return 1
        for i in (seq (count $argv))
          test "$commands[$i]" = "$argv[$i]"; or return 1
        end
      end
      """, "",
      """
      # Whether exactly these are there, so that a word of a command comes next.
      function __fob_wants
        set -l words (commandline -opc)
        set -e words[1]
        set -l commands (string match -v -- '-*' $words)
        test (count $commands) -eq (count $argv); and __fob_is $argv
      end
      """, "",
      "complete -c fob -f",
    ]
    for group in commands.filter({ $0.words.count == 2 }).map({ $0.words[0] }).uniqued {
      let members = commands.filter { $0.words.count == 2 && $0.words[0] == group }
      let words = members.map { $0.words[1] }.joined(separator: ", ")
      lines.append("complete -c fob -n '__fob_wants' -a \(group) -d \(single(words))")
    }
    for command in commands {
      lines += self.lines(for: command)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func lines(for command: Command) -> [String] {
    let last = command.words[command.words.count - 1]
    let group = command.words.dropLast().joined()
    let wants = group.isEmpty ? "__fob_wants" : "__fob_wants \(group)"
    var lines = ["complete -c fob -n '\(wants)' -a \(last) -d \(single(command.summary))"]
    let condition = "complete -c fob -n '__fob_is \(command.name)'"
    for option in command.allOptions {
      let value = option.value == nil ? "" : " -r" + action(for: option.kind)
      let letter = option.letter.map { " -s \($0)" } ?? ""
      lines.append("\(condition) -l \(option.name)\(letter)\(value) -d \(single(option.summary))")
    }
    if let argument = command.arguments.first {
      let action = action(for: argument.kind)
      if !action.isEmpty { lines.append(condition + action) }
    }
    return lines
  }

  private func action(for kind: ValueKind) -> String {
    switch kind {
    case .text, .number: ""
    case .file: " -F"
    case .program: " -a '(__fish_complete_command)'"
    case .credential: " -a '(__fob_names)'"
    case .choice(let words): " -a \(single(words.joined(separator: " ")))"
    case .standardInput: " -a -"
    case .command:
      " -a \(single((commands.map { $0.words[0] }.uniqued + [Help.topic]).joined(separator: " ")))"
    }
  }

  private func single(_ text: String) -> String {
    "'" + text.substituting(["\\": "\\\\", "'": "\\'"]) + "'"
  }
}
