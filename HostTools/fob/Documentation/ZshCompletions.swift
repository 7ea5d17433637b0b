/// A completion script for zsh, for a folder in `fpath`.
struct ZshCompletions {
  let commands: [Command]

  var text: String {
    """
    #compdef fob
    # zsh completion for fob; made by 'fob completions zsh'.

    _fob_names() {
      local -a names
      names=(${(f)"$(command fob list --names 2>/dev/null </dev/null)"})
      compadd -a names
    }

    # A command with arguments of its own, after '--' or without it.
    _fob_program() {
      if [[ $words[1] == -- ]]; then
        shift words
        (( CURRENT-- ))
      fi
      if (( CURRENT > 1 )); then _normal; else _command_names -e; fi
    }

    _fob_commands() {
      local -a commands
      commands=(
    \(descriptions(of: commands.filter { $0.words.count == 1 }, indent: 4))
    \(groups.map { "    \(single("\($0):\(title(of: $0))"))" }.joined(separator: "\n"))
      )
      _describe command commands
    }

    \(groups.map(groupFunction).joined(separator: "\n"))
    _fob() {
      local curcontext=$curcontext state line
      typeset -A opt_args
      _arguments -C \\
        \(Option.connection.map(specification).joined(separator: " \\\n    ")) \\
        '1:command:_fob_commands' '*::argument:->argument'
      [[ $state == argument ]] || return
      case $line[1] in
    \(commands.filter { $0.words.count == 1 }.map { commandCase($0, indent: 4) }.joined())
    \(groups.map { "    \($0)) _fob_\($0) ;;\n" }.joined())
      esac
    }

    _fob "$@"

    """
  }

  private var groups: [String] {
    commands.filter { $0.words.count == 2 }.map { $0.words[0] }.uniqued
  }

  private func title(of group: String) -> String {
    let words = commands.filter { $0.words.count == 2 && $0.words[0] == group }.map { $0.words[1] }
    return words.joined(separator: ", ")
  }

  private func groupFunction(_ group: String) -> String {
    let members = commands.filter { $0.words.count == 2 && $0.words[0] == group }
    return """
      _fob_\(group)() {
        local curcontext=$curcontext state line
        local -a commands
        commands=(
      \(descriptions(of: members, indent: 4))
        )
        _arguments -C '1:command:->command' '*::argument:->argument'
        case $state in
          command) _describe command commands ;;
          argument)
            case $line[1] in
      \(members.map { commandCase($0, indent: 8) }.joined())
            esac ;;
        esac
      }

      """
  }

  private func descriptions(of commands: [Command], indent: Int) -> String {
    commands.map { command in
      let word = command.words[command.words.count - 1]
      return String(repeating: " ", count: indent) + single("\(word):\(command.summary)")
    }.joined(separator: "\n")
  }

  private func commandCase(_ command: Command, indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    var specifications = command.allOptions.map(specification)
    for (index, argument) in command.arguments.enumerated() {
      let action = action(for: argument.kind)
      specifications.append(
        single(
          argument.takesRest
            ? "*::\(argument.name):_fob_program"
            : "\(index + 1):\(argument.name):\(action)"))
    }
    let word = command.words[command.words.count - 1]
    return "\(margin)\(word))\n\(margin)  _arguments \\\n\(margin)    "
      + specifications.joined(separator: " \\\n\(margin)    ") + " ;;\n"
  }

  /// `'--qr=[a picture]:FILE:_files'`
  private func specification(_ option: Option) -> String {
    let summary = option.summary.substituting(["[": "(", "]": ")", ":": "\\:"])
    guard let value = option.value else { return single("--\(option.name)[\(summary)]") }
    return single("--\(option.name)=[\(summary)]:\(value):\(action(for: option.kind))")
  }

  private func action(for kind: ValueKind) -> String {
    switch kind {
    case .text, .number: " "
    case .file: "_files"
    case .program: "_command_names"
    case .credential: "_fob_names"
    case .choice(let words): "(\(words.joined(separator: " ")))"
    case .standardInput: "(-)"
    case .command: "_fob_commands"
    }
  }

  private func single(_ text: String) -> String {
    "'" + text.substituting(["'": "'\\''"]) + "'"
  }
}
