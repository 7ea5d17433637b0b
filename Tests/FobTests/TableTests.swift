import Testing

@testable import fob

@Suite("The table of commands")
struct TableTests {
  private let parser = Parser(commands: CommandTable.all)

  @Test("no two commands have the same name")
  func names() {
    #expect(Set(CommandTable.all.map(\.name)).count == CommandTable.all.count)
  }

  @Test("a group's usual command exists")
  func usual() {
    for name in CommandTable.usual.values {
      #expect(CommandTable.all.contains { $0.name == name })
    }
  }

  @Test("every command has an example, and the parser takes it", arguments: CommandTable.all)
  func examples(_ command: Command) throws {
    guard !command.isHidden else { return }
    #expect(!command.examples.isEmpty)
    for example in command.examples {
      // What follows is the shell's.
      var line = example.line.split(whereSeparator: { "|<>".contains($0) })[0]
      if example.line.hasPrefix("source <(") {
        line = example.line.dropFirst("source <(".count).dropLast()
      }
      let words = line.split(separator: " ").map(String.init)
      #expect(words.first == "fob")
      let invocation = try parser.parse(Array(words.dropFirst()))
      #expect(invocation.command.name == command.name)
    }
  }

  @Test("every option that another names exists beside it", arguments: CommandTable.all)
  func company(_ command: Command) {
    let names = Set(command.allOptions.map(\.name))
    #expect(names.count == command.allOptions.count)
    for option in command.allOptions {
      for other in option.needs + option.excludes {
        #expect(names.contains(other), "--\(option.name) names --\(other)")
      }
    }
  }

  @Test("an optional argument is followed by none that is needed", arguments: CommandTable.all)
  func arguments(_ command: Command) {
    let optional = command.arguments.map(\.isOptional)
    #expect(optional == optional.filter { !$0 } + optional.filter { $0 })
    #expect(command.arguments.dropLast().allSatisfy { !$0.takesRest })
  }

  @Test("the help says first that the tokens are simulated, and lists every command")
  func overview() {
    let text = HelpText(commands: CommandTable.all, width: 80).overview
    #expect(text.split(separator: "\n")[0].contains("simulated"))
    for command in CommandTable.all {
      #expect(text.contains("  \(command.name) ") != command.isHidden)
    }
  }

  @Test(
    "the help of a command names its arguments, options and examples", arguments: CommandTable.all)
  func help(_ command: Command) {
    let text = HelpText(commands: CommandTable.all, width: 80).text(for: command)
    for argument in command.arguments { #expect(text.contains(argument.name)) }
    for option in command.allOptions { #expect(text.contains(option.usage)) }
    for example in command.examples { #expect(text.contains(example.line)) }
  }

  @Test("the help keeps to the width it is given, but for examples")
  func width() {
    let help = HelpText(commands: CommandTable.all, width: 80)
    for text in [help.overview, help.exitStatuses, help.text(forGroup: "sim") ?? ""] {
      for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
    for command in CommandTable.all {
      let lines = help.text(for: command).split(separator: "\n").filter { line in
        !command.examples.contains { line.contains($0.line) }
      }
      for line in lines { #expect(Printable.columns(String(line)) <= 80, "\(line)") }
    }
  }

  @Test("every exit status is documented, and no two are the same")
  func exitStatuses() {
    let text = HelpText(commands: CommandTable.all, width: 80).exitStatuses
    for status in ExitStatus.allCases {
      #expect(text.contains("  \(status.rawValue) "))
      #expect(!status.meaning.isEmpty)
    }
  }
}

extension Command: CustomTestStringConvertible {
  public var testDescription: String { name }
}
