/// Turns the words of a command line into an `Invocation`, or says what is wrong with them.
///
/// Options may stand before the command (those that every command with a token has) and anywhere
/// after it; `--name=value` and `--name value` are the same; `--` ends the options. No message
/// repeats a value, since a person may have put a secret there by mistake.
struct Parser {
  let commands: [Command]

  /// The options understood before the command is known.
  private static let early: [Option] = [.token, .passwordFile, .pinFile, .help, .version]

  func parse(_ words: [String]) throws(FobError) -> Invocation {
    var values: [String: String] = [:]
    var position = 0
    while position < words.count, Self.isOption(words[position]) {
      if words[position] == "--" {
        throw FobError(.usage, "'--' comes after the command; 'fob help' lists the commands.")
      }
      let option = try take(
        words, at: &position, from: Self.early, of: "fob", into: &values)
      if option == Option.help.name { return try help(for: nil) }
      if option == Option.version.name { return try invocation(of: "version") }
    }
    if let group = groupHelp(words[position...]) { return group }
    let command = try command(in: words, at: &position)
    if command.name == "help", let rest = Self.nameOf(words[position...]) {
      return Invocation(command: command, arguments: rest)
    }
    return try parse(words[position...], for: command, given: values)
  }

  /// The rest of the line, once the command is known.
  private func parse(
    _ words: ArraySlice<String>, for command: Command, given early: [String: String]
  ) throws(FobError) -> Invocation {
    for name in early.keys where !command.allOptions.contains(where: { $0.name == name }) {
      throw FobError(.usage, "'\(command.name)' has no option --\(name).")
    }
    var invocation = Invocation(command: command, values: early)
    let words = Array(words)
    var position = 0
    while position < words.count {
      let word = words[position]
      if word == "--" {
        invocation.arguments += words[(position + 1)...]
        break
      }
      if Self.isOption(word) {
        let option = try take(
          words, at: &position, from: command.allOptions, of: command.name,
          into: &invocation.values)
        if option == Option.help.name { return try help(for: command) }
        continue
      }
      let next = command.arguments.dropFirst(invocation.arguments.count).first
      if next?.takesRest == true {
        invocation.arguments += words[position...]
        break
      }
      invocation.arguments.append(word)
      position += 1
    }
    try ArgumentRules.check(invocation)
    return invocation
  }

  /// Takes the option at `position` and its value, and moves on.
  ///
  /// - Returns: the option's name.
  private func take(
    _ words: [String], at position: inout Int, from options: [Option], of command: String,
    into values: inout [String: String]
  ) throws(FobError) -> String {
    let word = words[position]
    position += 1
    let help = command == "fob" ? "fob help" : "fob help \(command)"
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let spelled = String(parts[0])
    let found = options.first { option in
      spelled == "--\(option.name)" || option.letter.map { spelled == "-\($0)" } ?? false
    }
    guard let option = found else {
      let guess = NearMiss.best(for: spelled, among: options.map { "--\($0.name)" })
      let ending = guess.map { "did you mean \($0)?" } ?? "see '\(help)'."
      throw FobError(
        .usage, "'\(command)' has no option \(Printable.short(spelled)); \(ending)")
    }
    guard values[option.name] == nil else {
      throw FobError(.usage, "--\(option.name) is given twice.")
    }
    if option.value == nil {
      guard parts.count == 1 else {
        throw FobError(.usage, "--\(option.name) takes no value.")
      }
      values[option.name] = ""
      return option.name
    }
    let value: String
    if parts.count == 2 {
      value = String(parts[1])
    } else {
      guard position < words.count, !Self.isOption(words[position]) else {
        throw FobError(.usage, "--\(option.name) needs a value: \(option.usage).")
      }
      value = words[position]
      position += 1
    }
    if let objection = option.kind.objection(to: value) {
      throw FobError(.usage, "--\(option.name) \(objection).")
    }
    values[option.name] = value
    return option.name
  }

  /// The command that the words from `position` on name, one or two of them.
  private func command(in words: [String], at position: inout Int) throws(FobError) -> Command {
    guard position < words.count else {
      throw FobError(.usage, "Say what to do; 'fob help' lists the commands.")
    }
    let first = words[position]
    if let command = commands.first(where: { $0.name == first }) {
      position += 1
      return command
    }
    let members = commands.filter { $0.words.count == 2 && $0.words[0] == first }
    guard !members.isEmpty else {
      let known = Set(commands.filter { !$0.isHidden }.map { $0.words[0] }).sorted()
      let guess = NearMiss.best(for: first, among: known).map { "did you mean '\($0)'?" }
      throw FobError(
        .usage,
        "There is no command \(Printable.short(first)); \(guess ?? "'fob help' lists them.")")
    }
    position += 1
    let rest = position < words.count ? words[position] : nil
    if let rest, let command = members.first(where: { $0.words[1] == rest }) {
      position += 1
      return command
    }
    if rest == nil || Self.isOption(rest ?? ""), let usual = CommandTable.usual[first] {
      if let command = members.first(where: { $0.name == usual }) { return command }
    }
    let choices = members.map { $0.words[1] }
    let guess = NearMiss.best(for: rest ?? "", among: choices).map { "; did you mean '\($0)'?" }
    throw FobError(
      .usage,
      "'\(first)' is followed by one of \(choices.joined(separator: ", "))\(guess ?? ".")")
  }

  /// `fob sim --help`: of the group, and not of what its name alone means.
  private func groupHelp(_ words: ArraySlice<String>) -> Invocation? {
    guard let first = words.first, let second = words.dropFirst().first,
      ["--help", "-h"].contains(second), let help = commands.first(where: { $0.name == "help" }),
      commands.contains(where: { $0.words.count == 2 && $0.words[0] == first })
    else { return nil }
    return Invocation(command: help, arguments: [first])
  }

  private func invocation(of name: String) throws(FobError) -> Invocation {
    guard let command = commands.first(where: { $0.name == name }) else {
      throw FobError(.usage, "There is no command '\(name)'.")
    }
    return Invocation(command: command)
  }

  private func help(for command: Command?) throws(FobError) -> Invocation {
    var invocation = try invocation(of: "help")
    invocation.arguments = command.map { [$0.name] } ?? []
    return invocation
  }

  /// The words after `help` joined to one name, without the options among them.
  private static func nameOf(_ words: ArraySlice<String>) -> [String]? {
    let names = words.filter { !isOption($0) }
    return names.isEmpty ? nil : [names.joined(separator: " ")]
  }

  /// `-` alone is a value: standard input.
  private static func isOption(_ word: String) -> Bool {
    word.hasPrefix("-") && word != "-"
  }
}
