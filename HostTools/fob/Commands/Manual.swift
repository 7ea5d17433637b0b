extension Command {
  /// Makes the manual page that is kept beside the sources.
  static let manual = Command(
    name: "manual", section: .other, summary: "Print the manual page", isHidden: true
  ) { _, console in
    console.write(ManualPage(commands: CommandTable.all).text)
  }
}
