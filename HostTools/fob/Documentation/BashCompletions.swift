/// A completion script for bash 4.3 and later.
///
/// bash breaks words at ':' and '=', which are in the names of credentials and in `--name=value`;
/// so the script takes the line apart itself, and strips from its answers what bash keeps.
struct BashCompletions {
  let commands: [Command]

  var text: String {
    """
    # bash completion for fob; made by 'fob completions bash'.

    _fob_names() {
      command fob list --names ${token:+--token "$token"} 2>/dev/null </dev/null
    }

    _fob() {
      local line=${COMP_LINE:0:COMP_POINT} current previous token= command= word value= i
      local -a words answers candidates=()
      # read without -r takes '\\ ' as a space within a word.
      read -a words <<<"$line"
      case $line in *[[:space:]]) words+=("") ;; esac
      current=${words[-1]} previous=${words[-2]-}
      for ((i = 1; i < ${#words[@]} - 1; i++)); do
        word=${words[i]}
        if [[ $value == --token ]]; then token=$word; fi
        if [[ -n $value ]]; then value=; continue; fi
        case $word in
          --token=*) token=${word#*=} ;;
          --*=*) ;;
          \(optionsWithValue.joined(separator: "|"))) value=$word ;;
          -*) ;;
          *) command+=${command:+ }$word ;;
        esac
      done
      if [[ $current == --*=* ]]; then previous=${current%%=*} current=${current#*=}; fi

      case $previous in
    \(valueCases)
        *)
          case $command in
    \(commandCases)
          esac ;;
      esac

      local IFS=$'\\n' answer
      for answer in "${candidates[@]}"; do
        [[ $answer == "$current"* ]] && answers+=("$(printf %q "$answer")")
      done
      # Readline replaces only what follows the last ':' or '='.
      local kept=${current%"${current##*[:=]}"}
      COMPREPLY=("${answers[@]#"$(printf %q "$kept")"}")
    }

    complete -F _fob fob

    """
  }

  private var optionsWithValue: [String] {
    Set(commands.flatMap(\.allOptions).filter { $0.value != nil }.map { "--\($0.name)" }).sorted()
  }

  /// What follows an option that takes a value.
  private var valueCases: String {
    var cases: [String: String] = [:]
    for option in commands.flatMap(\.allOptions) where option.value != nil {
      cases["--\(option.name)"] = candidates(of: option.kind)
    }
    return cases.sorted { $0.key < $1.key }
      .map { "    \($0.key)) \($0.value) ;;" }.joined(separator: "\n")
  }

  /// What follows a command: its options, and its first argument.
  private var commandCases: String {
    var lines: [String] = []
    let firstWords = commands.map { $0.words[0] }.uniqued
    let early = Option.connection.map { "--\($0.name)" } + ["--help", "--version"]
    lines.append("        '') candidates=(\((firstWords + early).joined(separator: " "))) ;;")
    for group in firstWords {
      let members = commands.filter { $0.words.count == 2 && $0.words[0] == group }
      guard !members.isEmpty else { continue }
      let words = members.map { $0.words[1] }.joined(separator: " ")
      lines.append("        '\(group)') candidates=(\(words)) ;;")
    }
    for command in commands {
      let options = command.allOptions.map { "--\($0.name)" }.joined(separator: " ")
      let first = command.arguments.first.map { candidates(of: $0.kind) } ?? ":"
      lines.append(
        """
                '\(command.name)'*)
                  if [[ $current == -* ]]; then candidates=(\(options)); else \(first); fi ;;
        """)
    }
    return lines.joined(separator: "\n")
  }

  private func candidates(of kind: ValueKind) -> String {
    switch kind {
    case .text, .number: ":"
    case .file: "mapfile -t candidates < <(compgen -f -- \"$current\")"
    case .program: "mapfile -t candidates < <(compgen -c -- \"$current\")"
    case .credential: "mapfile -t candidates < <(_fob_names)"
    case .choice(let words): "candidates=(\(words.joined(separator: " ")))"
    case .standardInput: "candidates=(-)"
    case .command:
      "candidates=(\((commands.map { $0.words[0] }.uniqued + [Help.topic]).joined(separator: " ")))"
    }
  }
}

extension Array where Element: Hashable {
  /// Each element once, in the order of their first places.
  var uniqued: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
