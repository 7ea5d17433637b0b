extension Command {
  static let version = Command(
    name: "version", section: .other, summary: "Print the version of fob",
    examples: [Example("fob version", "Print the version")]
  ) { _, console in
    console.line("fob \(Version.text)")
  }
}
