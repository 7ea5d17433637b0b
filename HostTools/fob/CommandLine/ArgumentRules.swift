/// What has to hold between the arguments and options of one command line.
enum ArgumentRules {
  static func check(_ invocation: Invocation) throws(FobError) {
    try checkArguments(invocation)
    try checkAlternatives(invocation)
    for option in invocation.command.allOptions where invocation.has(option) {
      try checkCompany(of: option, in: invocation)
    }
  }

  private static func checkArguments(_ invocation: Invocation) throws(FobError) {
    let command = invocation.command
    let given = invocation.arguments.count
    let required = command.arguments.filter { !$0.isOptional }
    if given < required.count {
      let missing = required[given]
      throw FobError(
        .usage, "'\(command.name)' needs \(missing.name), \(missing.summary): \(command.synopsis).")
    }
    if given > command.arguments.count, command.arguments.last?.takesRest != true {
      let names = command.arguments.map(\.name).joined(separator: " ")
      let taken = command.arguments.isEmpty ? "no argument" : "only \(names)"
      throw FobError(
        .usage,
        "'\(command.name)' takes \(taken), and \(given) arguments were given; "
          + "a name with spaces goes in quotes.")
    }
    for (argument, value) in zip(command.arguments, invocation.arguments)
    where !argument.takesRest {
      if let objection = argument.kind.objection(to: value) {
        throw FobError(.usage, "\(argument.name) \(objection).")
      }
    }
  }

  private static func checkAlternatives(_ invocation: Invocation) throws(FobError) {
    let command = invocation.command
    let given = command.alternatives.filter { invocation.has($0) }
    if given.isEmpty, !command.alternatives.isEmpty {
      let choices = command.alternatives.map(\.usage).joined(separator: ", ")
      throw FobError(.usage, "'\(command.name)' needs one of \(choices).")
    }
    if given.count > 1 {
      throw FobError(
        .usage, "--\(given[0].name) and --\(given[1].name) contradict each other: give one of them."
      )
    }
  }

  private static func checkCompany(
    of option: Option, in invocation: Invocation
  ) throws(FobError) {
    for other in option.excludes where invocation.values[other] != nil {
      throw FobError(
        .usage, "--\(option.name) and --\(other) contradict each other: give one of them.")
    }
    if !option.needs.isEmpty, !option.needs.contains(where: { invocation.values[$0] != nil }) {
      let others = option.needs.map { "--\($0)" }.joined(separator: " or ")
      throw FobError(.usage, "--\(option.name) means something only together with \(others).")
    }
  }
}
