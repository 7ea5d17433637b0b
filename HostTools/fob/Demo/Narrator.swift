import Glibc

/// Tells the demo: who does what, and what came of it.
struct Narrator {
  enum Voice: String {
    case console = "console"
    case token = "token"
    case person = "Ann"
    case other = "Bob"
    case support = "Cleo"
  }

  private let console: Console

  /// Whether pictures can be shown.
  var isDrawable: Bool { console.isDrawable }

  init(_ console: Console) {
    self.console = console
  }

  func line(_ text: String) {
    console.line(text)
  }

  /// A flow begins.
  func flow(_ title: String) {
    console.line()
    console.line(console.style.bold("== \(title) "))
    pause()
  }

  /// Somebody does or says something.
  func say(_ voice: Voice, _ text: String) {
    let name = voice.rawValue
    let gap = String(repeating: " ", count: 8 - name.count)
    var label = console.style.dim(gap + name)
    for line in Wrapping.wrap(text, width: 86).split(separator: "\n") {
      console.line("  \(label) | \(line)")
      label = String(repeating: " ", count: 8)
    }
    pause()
  }

  /// A picture or a list, as it is.
  func block(_ text: String) {
    for line in text.split(separator: "\n") { console.line("           | \(line)") }
    pause()
  }

  /// On a terminal, what was written appears at a pace that can be read.
  private func pause() {
    guard console.isDrawable else { return }
    try? console.flush()
    usleep(120_000)
  }
}
