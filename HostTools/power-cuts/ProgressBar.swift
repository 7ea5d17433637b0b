import Glibc

/// A bar on the terminal that standard error is, if it is one.
struct ProgressBar {
  private let title: String
  private let total: Int
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var shown = -1
  private static let width = 50

  init(title: String, total: Int) {
    self.title = title
    self.total = total
  }

  mutating func show(_ done: Int) {
    let share = min(done * 1000 / total, 1000)
    guard isTerminal, share != shown else { return }
    shown = share
    let full = share * Self.width / 1000
    let bar =
      String(repeating: "#", count: full) + String(repeating: ".", count: Self.width - full)
    Output.put(
      "\r\(title) [\(bar)] \(share / 10).\(share % 10) %", to: STDERR_FILENO)
  }

  /// Leaves nothing of it on the terminal.
  func clear() {
    if isTerminal { Output.put("\r\u{1B}[K", to: STDERR_FILENO) }
  }
}
