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
      # The words of the command line so far that are neither options nor their values.
      function __fob_words
        set -l words (commandline -opc)
        set -l isValue 0
        for word in $words[2..]
          if test $isValue = 1
            set isValue 0
          else if contains -- $word \(optionsWithValue.joined(separator: " "))
            set isValue 1
          else if not string match -q -- '-*' $word
            echo $word
          end
        end
      end
      """, "",
      """
      # Whether the command line begins with these words.
      function __fob_is
        set -l words (__fob_words)
        test (count $words) -ge (count $argv); or return 1
        for i in (seq (count $argv))
          test "$words[$i]" = "$argv[$i]"; or return 1
        end
      end
      """, "",
      """
      # Whether it has no others yet, so that the next word of a command is to come.
      function __fob_wants
        test (count (__fob_words)) -eq (count $argv); and __fob_is $argv
      end
      """, "",
      "complete -c fob -f",
    ]
    for option in Option.connection + [.help, .version] {
      lines.append(line(for: option, after: "complete -c fob -n '__fob_wants'"))
    }
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

  private var optionsWithValue: [String] {
    commands.flatMap(\.allOptions).filter { $0.value != nil }.map { "--\($0.name)" }.uniqued
  }

  private func lines(for command: Command) -> [String] {
    let last = command.words[command.words.count - 1]
    let group = command.words.dropLast().joined()
    let wants = group.isEmpty ? "__fob_wants" : "__fob_wants \(group)"
    var lines = ["complete -c fob -n '\(wants)' -a \(last) -d \(single(command.summary))"]
    let condition = "complete -c fob -n '__fob_is \(command.name)'"
    lines += command.allOptions.map { line(for: $0, after: condition) }
    if let argument = command.arguments.first {
      let action = action(for: argument.kind)
      if !action.isEmpty { lines.append(condition + action) }
    }
    return lines
  }

  private func line(for option: Option, after condition: String) -> String {
    let letter = option.letter.map { " -s \($0)" } ?? ""
    // -x allows no files, -r does.
    let need = option.value == nil ? "" : option.kind == .file ? " -r" : " -x"
    let value = option.value == nil ? "" : need + action(for: option.kind)
    return "\(condition) -l \(option.name)\(letter)\(value) -d \(single(option.summary))"
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
