import Conformance

/// Shows a run of checks while it goes on: a line for each that is done, and on a terminal which one
/// is at work.
final class CheckProgress {
  private let console: Console
  /// Whether the results are shown at the end, in another form.
  private let isQuiet: Bool
  private var hasStatus = false

  init(_ console: Console, isQuiet: Bool) {
    self.console = console
    self.isQuiet = isQuiet
  }

  func show(_ event: Suite.Event) {
    clearStatus()
    switch event {
    case .introduced(let facts):
      if !isQuiet { add([facts.body.sentence]) }
    case .starting(let check, let number, let count):
      guard console.isInteractive, console.isDrawable else { return }
      console.ask(Printable.cut("  \(number) of \(count)  \(check.id)", to: console.width - 1))
      hasStatus = true
    case .finished(let result):
      if !isQuiet { add(CheckText.lines(result, console.style)) }
    }
  }

  /// The lines are seen at once; a reader that went away is found out at the end.
  private func add(_ lines: [String]) {
    for line in lines { console.line(line) }
    try? console.flush()
  }

  private func clearStatus() {
    guard hasStatus else { return }
    console.ask("\r\u{1B}[K")
    hasStatus = false
  }
}
