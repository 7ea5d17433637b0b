/// An option: `--name`, or `--name VALUE`.
struct Option: Sendable {
  /// Without the dashes.
  let name: String
  var letter: Character?
  /// What the help calls the value; nil for an option that has none.
  var value: String?
  var kind = ValueKind.text
  let summary: String
  /// Names of options without one of which this one means nothing.
  var needs: [String] = []
  /// Names of options that contradict this one.
  var excludes: [String] = []

  init(
    _ name: String, letter: Character? = nil, value: String? = nil, kind: ValueKind = .text,
    _ summary: String, needs: [String] = [], excludes: [String] = []
  ) {
    self.name = name
    self.letter = letter
    self.value = value
    self.kind = kind
    self.summary = summary
    self.needs = needs
    self.excludes = excludes
  }

  /// `--qr FILE`; `--uri -` where nothing else is taken.
  var usage: String {
    guard let value else { return "--\(name)" }
    return "--\(name) \(value)"
  }
}
