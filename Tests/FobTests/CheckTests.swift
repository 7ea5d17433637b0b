import Foundation
import JSON
import Testing

@testable import fob

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("fob check")
struct CheckTests {
  @Test("checks a token in a file, and writes JUnit's XML")
  func image() throws {
    let desk = try Desk()
    try desk.add("bank")
    let outcome = try desk.run("check", "--only", "put", "--junit", desk.folder + "/check.xml")
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.hasPrefix("A simulated token"))
    #expect(outcome.output.contains("✓ put.list "))
    #expect(outcome.output.contains("✓ kept.inventory "))
    let file = try Data(contentsOf: URL(fileURLWithPath: desk.folder + "/check.xml"))
    #expect(XMLParser(data: file).parse())
    #expect(try JSON.parse(desk.list()).array?.count == 1)
  }

  @Test("checks a token at a socket, re-plugs it and presses its button")
  func socket() throws {
    let desk = try Desk()
    let simulator = try Simulator(desk)
    let outcome = try desk.run("check", "--json", "--only", "re*.*s", token: simulator.token)
    #expect(outcome.status == 0, "\(outcome)")
    let report = try JSON.parse(outcome.output)
    #expect(report["failed"]?.integer == 0)
    #expect(report["complete"]?.bool == true)
    #expect(report["token"]?.string == simulator.token)
    let replug = report["checks"]?.array?.first { $0["id"]?.string == "replug.keeps" }
    #expect(replug?["outcome"]?.string == "passed")
  }

  @Test("lists the checks without a token")
  func list() throws {
    let outcome = try Desk().run("check", "--list", token: nil)
    #expect(outcome.status == 0)
    #expect(outcome.output.split(separator: "\n").count > 100)
    let json = try Desk().run("check", "--list", "--json", "--only", "lock.", token: nil)
    #expect(
      try JSON.parse(json.output).array?.contains { $0["id"]?.string == "lock.expires" } == true)
  }

  @Test("refuses a locked token without its password, and takes the password from a file")
  func locked() throws {
    let desk = try Desk()
    try desk.add("bank")
    try #require(desk.run("password", "set", input: "correct horse\n").status == 0)
    let refused = try desk.run("check", "--only", "select")
    #expect(refused.status == ExitStatus.locked.rawValue, "\(refused)")
    #expect(refused.complaints.count == 1)
    let wrong = try desk.run(
      "check", "--only", "select", "--password-file", desk.file("wrong", "nonsense\n"))
    #expect(wrong.status == ExitStatus.locked.rawValue)
    let right = try desk.run(
      "check", "--only", "key", "--password-file", desk.file("right", "correct horse\n"))
    #expect(right.status == 0, "\(right)")
  }

  @Test("says what is wrong with its arguments")
  func arguments() throws {
    let desk = try Desk()
    #expect(
      try desk.run("check", "--only", "nonsense").status == ExitStatus.usage.rawValue)
    #expect(try desk.run("check", token: nil).status == ExitStatus.noToken.rawValue)
    try desk.add("bank")
    let unwritable = try desk.run("check", "--junit", "/nonexistent/check.xml")
    #expect(unwritable.status == ExitStatus.badInput.rawValue)
    #expect(unwritable.output.isEmpty)
  }

  @Test("Ctrl-C ends it, and nothing of it is left on the token", arguments: [SIGINT, SIGTERM])
  func interrupted(_ signal: Int32) throws {
    let desk = try Desk()
    try desk.add("bank")
    let before = try desk.list()
    let session = try Session(desk, ["check"])
    try session.waitFor("✓ put.list ")
    session.kill(signal)
    let outcome = session.finish()
    #expect(outcome.status == ExitStatus.interrupted.rawValue, "\(outcome)")
    #expect(outcome.output.contains("✓ kept.inventory "))
    #expect(try desk.list() == before)
  }

  @Test("where there is no control channel, nobody is asked without a terminal")
  func nobody() throws {
    let desk = try Desk()
    let simulator = try Simulator(desk)
    let outcome = try desk.run("check", "--only", "replug", token: desk.wire(of: simulator))
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.contains("not checked, nobody is there to pull the cable"))
  }

  @Test("a person at a terminal is asked to pull the cable, and may skip that")
  func person() throws {
    let desk = try Desk()
    let simulator = try Simulator(desk)
    let terminal = try Terminal(
      desk, ["check", "--only", "replug"], token: desk.wire(of: simulator))
    try terminal.waitFor("plug it in again")
    #expect(try desk.run("sim", "unplug", token: simulator.token).status == 0)
    #expect(try desk.run("sim", "plug", token: simulator.token).status == 0)
    terminal.type("\n")
    for check in ["2 of 3", "3 of 3"] {
      try terminal.waitFor(check)
      terminal.type("skip\n")
    }
    #expect(terminal.finish() == 0, "\(terminal.shown)")
    #expect(terminal.shown.contains("the cable was left where it is"))
    #expect(terminal.shown.contains("2 not checked"))
  }

  @Test("a simulator's own socket gives hands to a token that is reached another way")
  func control() throws {
    let desk = try Desk()
    let simulator = try Simulator(desk)
    let socket = String(simulator.token.dropFirst("unix:".count))
    let outcome = try desk.run(
      "check", "--only", "replug", "--control", socket, token: desk.wire(of: simulator))
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.contains("✓ replug.keeps "))
    let wrong = try desk.run(
      "check", "--only", "replug", "--control", "/nonexistent", token: simulator.token)
    #expect(wrong.status == ExitStatus.noToken.rawValue, "\(wrong)")
  }
}

extension Desk {
  /// A simulator's wire under another name, beside which there is no control channel.
  fileprivate func wire(of simulator: Simulator) throws -> String {
    let alias = folder + "/run/wire"
    try #require(link(String(simulator.token.dropFirst("unix:".count)), alias) == 0)
    return "unix:" + alias
  }
}
