/// What a value on the command line has to look like, and how a shell completes it.
enum ValueKind: Equatable, Sendable {
  case text
  /// The name of a credential on the token.
  case credential
  /// The name of a command of `fob`.
  case command
  /// A program, with its own arguments after it.
  case program
  /// A whole number within bounds.
  case number(ClosedRange<UInt64>)
  case choice([String])
  case file
  /// `-` alone, for standard input. What is read there is secret, so that the value itself must
  /// never be: arguments can be read by every process of the machine.
  case standardInput

  /// Longest value in bytes: what the system allows in a path.
  static let longest = 4096

  /// Says what is wrong with `value`, as the end of a sentence that starts with the option's name,
  /// or nil. Never repeats a value that may be secret.
  func objection(to value: String) -> String? {
    if value.utf8.count > Self.longest {
      return "takes at most \(Self.longest) bytes"
    }
    switch self {
    case .text, .credential, .command, .program:
      return nil
    case .file:
      return value.isEmpty ? "takes the path of a file, and it is empty" : nil
    case .number(let bounds):
      // UInt64("+7") is 7: only digits are a number here.
      let isDecimal = !value.isEmpty && value.utf8.allSatisfy { (0x30...0x39).contains($0) }
      if isDecimal, let number = UInt64(value), bounds.contains(number) { return nil }
      return "takes a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
    case .choice(let words):
      if words.contains(value) { return nil }
      let guess = NearMiss.best(for: value, among: words).map { " (did you mean \($0)?)" } ?? ""
      return "takes one of \(words.joined(separator: ", "))\(guess)"
    case .standardInput:
      if value == "-" { return nil }
      return "takes only '-', and reads the secret from standard input: "
        + "an argument could be read by every program on this computer"
    }
  }
}
