import JSON
import TokenClient
import TokenCore

/// `fob code --watch`: codes as they change, until Ctrl-C.
///
/// On a terminal the lines are drawn over and over, with a bar that shrinks; anything else gets a
/// line for each new code. The token is asked afresh for each change and every few seconds, on a
/// connection of its own, so that other programs can use it in between. A token with a PIN is kept
/// connected, since each connection would cost a press of its button.
struct CodeWatch {
  private let invocation: Invocation
  private let console: Console

  /// Milliseconds between two drawings.
  private static let frame = 200
  /// Longest time between two questions to the token: it may have been unplugged, or added to.
  private static let longestPause = Microseconds(5_000_000)
  /// Columns of the bar, if there is room for it.
  private static let barWidth = 20
  /// Columns that a line needs beside its name and the bar: code, spaces, and what is left.
  private static let otherWidth = 22

  init(_ invocation: Invocation, _ console: Console) {
    self.invocation = invocation
    self.console = console
  }

  func run() throws(FobError) {
    do throws(FobError) {
      try SignalHold.during { () throws(FobError) in
        // What the terminal shows of Ctrl-C itself goes, too.
        defer {
          if console.isDrawable { console.write("\r" + Screen.clearRest + Screen.showCursor) }
        }
        if console.isDrawable { console.write(Screen.hideCursor) }
        try watch()
      }
    } catch {
      // Ctrl-C is how a watch is meant to end.
      guard error.status == .interrupted else { throw error }
    }
  }

  private func watch() throws(FobError) {
    let source = Source()
    defer { source.connection?.close() }
    var codes = try ask(source, isFirst: true)
    var asked = Deadline.now
    var drawn = 0
    var known: [[UInt8]: String] = [:]
    while true {
      let age = Microseconds(
        Int64(clamping: (Deadline.now.nanoseconds - asked.nanoseconds) / 1000))
      if age >= Self.longestPause || codes.contains(where: { Self.hasEnded($0, after: age) }) {
        codes = try ask(source, isFirst: false)
        asked = .now
        // What was said to the person stays on the screen.
        if source.hasTold { drawn = 0 }
        source.hasTold = false
        continue
      }
      if console.isDrawable {
        drawn = draw(codes, age: age, over: drawn)
      } else {
        report(codes, &known)
      }
      try console.flush()
      try SignalHold.sleep(milliseconds: Self.frame)
    }
  }

  /// The token, and what it is told again without asking the person.
  private final class Source {
    var key: AccessKey?
    /// That of a token with a PIN, which is kept.
    var connection: Connection?
    /// Whether the person was told something that goes between the lines drawn.
    var hasTold = false
  }

  /// The codes of now: of one credential, or all.
  private func ask(
    _ source: Source, isFirst: Bool
  ) throws(FobError) -> [CalculatedCredential] {
    let connection = try connection(source)
    defer { if source.connection == nil { connection.close() } }
    if isFirst { try ClockCare.attend(connection) }
    let codes = try codes(connection)
    try CodeReport.requireClock(codes)
    return codes
  }

  private func connection(_ source: Source) throws(FobError) -> Connection {
    if let kept = source.connection { return kept }
    let connection = try Connection(invocation, console, for: .use, key: source.key)
    source.key = connection.accessKey
    guard connection.session.hasPIN else { return connection }
    source.connection = connection
    console.note("The token has a PIN: its button has to be pressed again every ten minutes.")
    connection.session.verifiesAgain = { [console] in
      source.hasTold = true
      console.note(
        "The token asks for its PIN to be confirmed again, as it does every ten minutes.")
    }
    return connection
  }

  private func codes(_ connection: Connection) throws(FobError) -> [CalculatedCredential] {
    guard let name = invocation.argument(0) else {
      return try connection.ask { session throws(TokenFailure) in try session.calculateAll() }
    }
    let credential = try Lookup.credential(name, on: connection, .partial)
    guard credential.kind.type == .totp else {
      throw FobError(
        .usage, "'\(credential.name)' counts: its code changes only when it is asked for.")
    }
    guard !credential.needsTouch else {
      throw FobError(
        .usage, "'\(credential.name)' wants the button pressed for each code; ask without --watch.")
    }
    let all = try connection.ask { session throws(TokenFailure) in try session.calculateAll() }
    return all.filter { $0.credential.name == credential.name }
  }

  private static func hasEnded(_ item: CalculatedCredential, after age: Microseconds) -> Bool {
    guard case .code(let issued) = item.outcome, let validity = issued.validity else {
      return false
    }
    return validity.remaining <= age
  }

  /// A line for each code that is new.
  private func report(_ codes: [CalculatedCredential], _ known: inout [[UInt8]: String]) {
    for item in codes {
      guard case .code(let issued) = item.outcome, let validity = issued.validity else { continue }
      let code = "\(validity.step.rawValue) \(issued.text)"
      guard known.updateValue(code, forKey: issued.name.bytes) != code else { continue }
      if invocation.has(.json) {
        console.line(CodeReport.json(item.credential, item.outcome).text)
      } else {
        console.line("\(issued.name)  \(issued.text)")
      }
    }
  }

  // MARK: On a terminal

  /// - Parameter over: lines drawn before, which are drawn over.
  /// - Returns: the lines drawn now.
  private func draw(
    _ codes: [CalculatedCredential], age: Microseconds, over: Int
  ) -> Int {
    let width = console.width
    let room = max(1, console.height - 3)
    let names = codes.map { Printable.columns($0.credential.name.description) }.max() ?? 0
    let bar = width >= Self.barWidth + Self.otherWidth + 16 ? Self.barWidth : 0
    let column = min(names, max(8, width - bar - Self.otherWidth))
    var lines = codes.prefix(room).map { line($0, age: age, column: column, bar: bar) }
    if codes.count > room { lines.append("… and \(codes.count - room) more") }
    if codes.isEmpty { lines.append("There are no credentials on the token.") }
    lines.append(console.style.dim("Ctrl-C ends this."))
    if over > 0 { console.write(Screen.up(over)) }
    for line in lines { console.write(line + Screen.clearRest + "\n") }
    console.write(Screen.clearBelow)
    return lines.count
  }

  private func line(
    _ item: CalculatedCredential, age: Microseconds, column: Int, bar width: Int
  ) -> String {
    let style = console.style
    let name = Printable.padded(
      Printable.cut(item.credential.name.description, to: column), to: column)
    guard case .code(let issued) = item.outcome, let validity = issued.validity else {
      return name + "  " + style.dim(CodeReport.row(item)[2])
    }
    let remaining = validity.remaining - age
    let period = validity.period.rawValue * 1_000_000
    let filled = Int(
      (Int64(width) * remaining.rawValue + period - 1) / period)
    let bar =
      String(repeating: "█", count: filled)
      + String(repeating: "░", count: width - filled)
    let isEnding = remaining < Freshness.margin(of: validity.period)
    let left = DurationText.of(Freshness.wholeSeconds(remaining))
    return name + "  " + style.bold(Printable.padded(issued.text, to: 10))
      + (isEnding ? style.urgent(bar) : style.good(bar)) + "  " + left
  }
}

/// What moves a terminal's cursor (ECMA-48).
enum Screen {
  static let clearRest = "\u{1B}[K"
  static let clearBelow = "\u{1B}[J"
  static let hideCursor = "\u{1B}[?25l"
  static let showCursor = "\u{1B}[?25h"
  static func up(_ lines: Int) -> String { "\u{1B}[\(lines)A\r" }
}
