/// A command line that was understood: a command, its arguments, and the values of its options.
struct Invocation: Sendable {
  let command: Command
  /// In the order given.
  var arguments: [String] = []
  /// By option name; the empty string for an option without a value.
  var values: [String: String] = [:]

  func has(_ option: Option) -> Bool { values[option.name] != nil }

  func text(_ option: Option) -> String? { values[option.name] }

  /// The value of an option of kind `number`, whose form the parser has checked.
  func number(_ option: Option) -> UInt64? { values[option.name].flatMap { UInt64($0) } }

  /// The argument at `index`, nil if it was left out.
  func argument(_ index: Int) -> String? {
    index < arguments.count ? arguments[index] : nil
  }
}
