import Foundation
import JSON
import Testing

/// `fob` with a simulated token in a file, as a person has it beside the browser.
final class Fob {
  private let room: Room
  /// As FOB_TOKEN would choose it.
  private let token: String
  /// When the last code began that was asked for to be used, by credential.
  private var used: [String: Int] = [:]

  /// - Parameter name: of the token; a person may have two.
  convenience init(_ room: Room, token name: String = "token") {
    self.init(room, choosing: "sim:\(room.folder)/\(name).image")
  }

  init(_ room: Room, choosing token: String) {
    self.room = room
    self.token = token
  }

  private func outcome(_ arguments: [String], input: String = "") throws -> Shell.Outcome {
    try Shell.run(
      [Shell.products + "/fob"] + arguments + ["--token", token], input: input,
      environment: room.environment)
  }

  /// The exit status of a run that may fail.
  func status(of arguments: String...) throws -> Int32 { try outcome(arguments).status }

  @discardableResult
  func run(_ arguments: String..., input: String = "") throws -> Shell.Outcome {
    let outcome = try outcome(arguments, input: input)
    try #require(outcome.status == 0, "fob \(arguments): \(outcome)")
    return outcome
  }

  /// Puts what a picture of the screen shows on the token.
  func add(screenshot: Data) throws {
    try run("add", "--qr", try room.file("screen-\(UUID()).png", screenshot))
  }

  /// Types a key as the page has it.
  func add(_ name: String, key: String) throws {
    try run("add", name, "--key", "-", input: key + "\n")
  }

  func remove(_ name: String) throws {
    try run("remove", name, "--yes")
  }

  /// The names on the token.
  func names() throws -> [String] {
    let list = try JSON.parse(run("list", "--json").output)
    return (list.array ?? []).compactMap { $0["name"]?.string }
  }

  /// The code that the token shows.
  func code(_ name: String) throws -> String { try show(name).code }

  /// A code of a step in which none was used. If there has been none since the last, half a minute
  /// passes for the token, and not for the test: the console follows a clock that runs ahead like
  /// that, up to 10 steps.
  func nextCode(_ name: String) throws -> String {
    var shown = try show(name)
    if shown.begins <= used[name] ?? Int.max {
      try run("sim", "warp", "30s")
      shown = try show(name)
    }
    used[name] = shown.begins
    return shown.code
  }

  private func show(_ name: String) throws -> (code: String, begins: Int) {
    let shown = try JSON.parse(run("code", name, "--json").output)
    return (try #require(shown["code"]?.string), try #require(shown["validFrom"]?.integer))
  }
}
