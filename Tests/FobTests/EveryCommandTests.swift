import Testing

@testable import fob

@Suite("Every command")
struct EveryCommandTests {
  private let parser = Parser(commands: CommandTable.all)

  /// A value that an option or argument takes.
  private static func fit(_ kind: ValueKind) -> String {
    switch kind {
    case .text, .credential, .command, .program, .file: "x"
    case .number(let bounds): "\(bounds.lowerBound)"
    case .choice(let words): words[0]
    case .standardInput: "-"
    }
  }

  private static func words(_ option: Option) -> [String] {
    ["--\(option.name)"] + (option.value == nil ? [] : [fit(option.kind)])
  }

  /// The shortest command line that is taken.
  private static func shortest(_ command: Command) -> [String] {
    command.words + command.arguments.filter { !$0.isOptional }.map { fit($0.kind) }
      + (command.alternatives.first.map(words) ?? [])
  }

  private func refuse(_ words: [String], because reason: Comment) {
    do throws(FobError) {
      _ = try parser.parse(words)
      Issue.record("\(words) was taken, \(reason)")
    } catch {
      #expect(error.status == .usage)
      #expect(error.sentence.split(separator: "\n").count == 1)
    }
  }

  @Test("takes what it needs, and nothing more", arguments: CommandTable.all)
  func arguments(_ command: Command) throws {
    let line = Self.shortest(command)
    #expect(try parser.parse(line).command.name == command.name)
    let needed = command.arguments.count { !$0.isOptional }
    if needed > 0 {
      refuse(command.words + (command.alternatives.first.map(Self.words) ?? []), because: "without")
    }
    if command.arguments.last?.takesRest != true {
      let most =
        command.words + command.arguments.map { Self.fit($0.kind) }
        + (command.alternatives.first.map(Self.words) ?? [])
      // help takes a name of several words.
      if command.name != "help" { refuse(most + ["more"], because: "with one too many") }
    }
    refuse(line + ["--nonesuch"], because: "with an unknown option")
    refuse(line + ["-Z"], because: "with an unknown letter")
  }

  @Test("takes each option once, with a value that fits", arguments: CommandTable.all)
  func options(_ command: Command) {
    for option in command.allOptions where option.name != Option.help.name {
      let rest =
        command.alternatives.contains { $0.name == option.name }
        ? command.words + command.arguments.filter { !$0.isOptional }.map { Self.fit($0.kind) }
        : Self.shortest(command)
      let given = Self.words(option)
      refuse(rest + given + given, because: "twice")
      if option.value == nil {
        refuse(rest + ["--\(option.name)=yes"], because: "with a value")
      } else {
        refuse(rest + ["--\(option.name)"], because: "without its value")
        let huge = String(repeating: "1", count: ValueKind.longest + 1)
        refuse(rest + ["--\(option.name)", huge], because: "with a huge value")
      }
      switch option.kind {
      case .number(let bounds):
        refuse(
          rest + ["--\(option.name)=\(bounds.upperBound + 1)"], because: "with too large a number")
        refuse(rest + ["--\(option.name)=x"], because: "with a word for a number")
      case .choice: refuse(rest + ["--\(option.name)=nonesuch"], because: "with no choice")
      case .standardInput: refuse(rest + ["--\(option.name)=JBSWY3DP"], because: "with a secret")
      case .file: refuse(rest + ["--\(option.name)="], because: "with an empty path")
      default: break
      }
    }
  }

  @Test("takes no options that contradict each other", arguments: CommandTable.all)
  func contradictions(_ command: Command) {
    let line = Self.shortest(command)
    for (index, first) in command.alternatives.enumerated() {
      for second in command.alternatives[(index + 1)...] {
        let arguments = command.words + command.arguments.map { Self.fit($0.kind) }
        refuse(arguments + Self.words(first) + Self.words(second), because: "two alternatives")
      }
    }
    for option in command.allOptions {
      for other in command.allOptions where option.excludes.contains(other.name) {
        refuse(line + Self.words(option) + Self.words(other), because: "one excludes the other")
      }
    }
    if !command.alternatives.isEmpty {
      refuse(
        command.words + command.arguments.map { Self.fit($0.kind) }, because: "no alternative given"
      )
    }
  }

  @Test("any words at all are understood or refused, by the rules")
  func anyWords() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(seed: seed)
    let names = CommandTable.all.flatMap(\.words)
    let options = CommandTable.all.flatMap(\.allOptions)
    let vocabulary =
      names + names + options.map { "--\($0.name)" }
      + options.map { "--\($0.name)=\(Self.fit($0.kind))" } + [
        "", "-", "--", "---", "-=", "--=", "x", "-x", "sim", "7", "\u{0}", "日本", "=", "a=b",
        "--qr=",
      ]
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...6, using: &random)
      let words = (0..<count).map { _ in
        vocabulary[Int.random(in: 0..<vocabulary.count, using: &random)]
      }
      do throws(FobError) {
        let invocation = try parser.parse(words)
        try ArgumentRules.check(invocation)
      } catch {
        #expect(error.status == .usage, "repeat with: \(seed), \(words)")
        #expect(!error.sentence.isEmpty, "repeat with: \(seed), \(words)")
      }
    }
  }
}
