import Foundation
import JSON
import Testing

/// `fob` with a simulated token in a file, as a person has it beside the browser.
struct Fob {
  private let room: Room
  private let image: String

  /// - Parameter name: of the token; a person may have two.
  init(_ room: Room, token name: String = "token") {
    self.room = room
    image = room.folder + "/\(name).image"
  }

  @discardableResult
  func run(_ arguments: String..., input: String = "") throws -> Shell.Outcome {
    let outcome = try Shell.run(
      [Shell.products + "/fob"] + arguments + ["--token", "sim:" + image], input: input,
      environment: room.environment)
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
  func code(_ name: String) throws -> String {
    try #require(JSON.parse(run("code", name, "--json").output)["code"]?.string)
  }

  /// A code of a step in which none was used: half a minute passes for the token, and not for the
  /// test. The console follows a clock that runs ahead like that, up to 10 steps.
  func nextCode(_ name: String) throws -> String {
    try run("sim", "warp", "30s")
    return try code(name)
  }
}
