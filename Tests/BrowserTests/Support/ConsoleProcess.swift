import Foundation
import Testing

/// A console that runs, with a database of its own.
final class ConsoleProcess {
  let room: Room
  /// The same after a restart, so that a page that is open still leads there.
  private(set) var port: UInt16 = 0
  private var process: Leash?

  init(_ room: Room) throws {
    self.room = room
    try start()
  }

  private var command: [String] {
    [Shell.products + "/console", "--database", room.folder + "/console.sqlite"]
  }

  /// Starts it; after a kill, at the same port and on the same database.
  func start(_ options: String...) throws {
    let started = try Leash(
      command
        + ["--port", "\(port)", "--hash-cost", "1", "--recovery-wait", "0", "--print-address"]
        + options,
      environment: room.environment, folder: room.folder)
    port = try started.line("the console's address") { line in
      line.wholeMatch(of: /http:\/\/127\.0\.0\.1:([0-9]+)\//).flatMap { UInt16($0.1) }
    }
    process = started
  }

  /// Kills it in the middle of whatever it does.
  func kill() {
    process?.kill()
    process = nil
  }

  func restart() throws {
    kill()
    try start()
  }

  /// Ends it, and starts it with other options.
  func restart(_ option: String, _ value: String) throws {
    process?.end()
    try start(option, value)
  }

  func appointOperator(_ email: String) throws {
    let outcome = try Shell.run(
      command + ["--appoint-operator", email], environment: room.environment)
    try #require(outcome.status == 0, "\(outcome)")
  }

  func address(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

  /// What time does to a database, at once.
  func change(_ statement: String) throws {
    let outcome = try Shell.run([
      "sqlite3", "-cmd", ".timeout 10000", room.folder + "/console.sqlite", statement,
    ])
    try #require(outcome.status == 0, "\(outcome)")
  }
}
