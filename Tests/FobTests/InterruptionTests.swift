import Foundation
import JSON
import Testing
import TokenCore

@Suite("What goes wrong in the middle")
struct InterruptionTests {
  private let old = "JBSWY3DPEHPK3PXP"
  private let new = "GEZDGNBVGY3TQOJQ"
  private let question = "Did the site take it?"

  /// The code of 'a', and of 'reference', which has the old secret too: the same as long as the
  /// old secret is intact.
  private func hasOldSecret(_ desk: Desk, token: String) throws -> Bool {
    let outcome = try desk.run("code", "--json", token: token)
    let codes = try JSON.parse(outcome.output)
    return codes[0]?["code"] == codes[1]?["code"]
  }

  private func prepare(_ desk: Desk, token: String) throws {
    try desk.add("a", key: old, token: token)
    try desk.add("reference", key: old, token: token)
  }

  private func startUpdate(_ desk: Desk, token: String) throws -> Session {
    let session = try Session(desk, ["update", "a", "--key", "-"], token: token)
    session.send(new + "\n")
    try session.waitFor(question)
    return session
  }

  @Test(
    "a signal in an update rolls it back",
    arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT], ["file", "server"])
  func signals(_ signal: Int32, _ place: String) throws {
    let desk = try Desk()
    let simulator = place == "server" ? try Simulator(desk) : nil
    let token = simulator?.token ?? "sim"
    try prepare(desk, token: token)
    let session = try startUpdate(desk, token: token)
    session.kill(signal)
    let outcome = session.finish()
    #expect(outcome.status == 130)
    #expect(outcome.complaints.count == 1)
    #expect(outcome.errors.contains("The old secret of 'a' is intact."))
    let information = try JSON.parse(desk.run("info", "--json", token: token).output)
    #expect(information["updateWaiting"]?.bool == false)
    #expect(try hasOldSecret(desk, token: token))
  }

  @Test("a signal while enabling removes the credential again")
  func enable() throws {
    let desk = try Desk()
    try desk.add("other")
    let before = try desk.list()
    let session = try Session(desk, ["enable", "a", "--key", "-"])
    session.send(new + "\n")
    try session.waitFor(question)
    session.kill(SIGINT)
    let outcome = session.finish()
    #expect(outcome.status == 130)
    #expect(outcome.errors.contains("'a' was removed from the token again"))
    #expect(try desk.list() == before)
  }

  @Test("a process that is killed in an update leaves the old secret")
  func killed() throws {
    let desk = try Desk()
    try prepare(desk, token: "sim")
    let session = try startUpdate(desk, token: "sim")
    session.kill(SIGKILL)
    #expect(session.finish().status == 128 + SIGKILL)
    #expect(try hasOldSecret(desk, token: "sim"))
  }

  @Test("a token that is unplugged in an update keeps the old secret, and it is said so")
  func unplugged() throws {
    let desk = try Desk()
    let simulator = try Simulator(desk)
    try prepare(desk, token: simulator.token)
    let session = try startUpdate(desk, token: simulator.token)
    #expect(try desk.run("sim", "unplug", token: simulator.token).status == 0)
    session.send("yes\n")
    let outcome = session.finish()
    #expect(outcome.status == 10, "\(outcome)")
    #expect(outcome.complaints.count == 1)
    #expect(outcome.errors.contains("The old secret of 'a' is intact."))
    #expect(try desk.run("list", token: simulator.token).status != 0)
    #expect(try desk.run("sim", "plug", token: simulator.token).status == 0)
    #expect(try hasOldSecret(desk, token: simulator.token))
  }

  @Test("a person whose site took the new secret can plug the token in again, and goes on")
  func pluggedAgain() throws {
    let desk = try Desk()
    let simulator = try Simulator(desk)
    try prepare(desk, token: simulator.token)
    let terminal = try Terminal(desk, ["update", "a", "--key", "-"], token: simulator.token)
    try terminal.waitFor("Key (it is not shown):")
    terminal.type(new + "\n")
    try terminal.waitFor(question)
    #expect(try desk.run("sim", "unplug", token: simulator.token).status == 0)
    terminal.type("yes\n")
    try terminal.waitFor("Try again? [yes/no]")
    terminal.type("yes\n")
    try terminal.waitFor("Try again? [yes/no] yes\r\n")
    #expect(try desk.run("sim", "plug", token: simulator.token).status == 0)
    terminal.type("yes\n")
    try terminal.waitFor("has its new secret")
    terminal.type("no\n")
    #expect(terminal.finish() == 0)
    #expect(try !hasOldSecret(desk, token: simulator.token))
    try desk.add("new", key: new, token: simulator.token)
    let codes = try JSON.parse(desk.run("code", "--json", token: simulator.token).output)
    #expect(codes[0]?["code"] == codes[2]?["code"])
  }

  @Test("a simulator that is killed in an update leaves the old secret in its image")
  func serverKilled() throws {
    let desk = try Desk()
    try prepare(desk, token: "sim")
    let simulator = try Simulator(desk, "--image", desk.image)
    let session = try startUpdate(desk, token: simulator.token)
    simulator.kill(SIGKILL)
    simulator.finish()
    session.send("yes\n")
    let outcome = session.finish()
    #expect(outcome.status == 10, "\(outcome)")
    #expect(outcome.errors.contains("The old secret of 'a' is intact."))
    #expect(try hasOldSecret(desk, token: "sim"))
  }

  @Test("a command that waits for the button goes on when it is pressed")
  func pressed() throws {
    let desk = try Desk()
    let simulator = try Simulator(desk)
    try desk.add("a", "--touch", token: simulator.token)
    try desk.run("sim", "button", "manual", token: simulator.token)
    let session = try Session(desk, ["login", "a"], token: simulator.token)
    try session.waitFor("Press the token's button")
    // A press lasts 200 ms, which a busy machine may sleep through: a person presses again, too.
    repeat {
      #expect(try desk.run("sim", "press", token: simulator.token).status == 0)
    } while session.isRunning
    let outcome = session.finish()
    #expect(outcome.status == 0)
    #expect(outcome.output.count == 7)
  }

  @Test("a button that is not pressed in time is an error")
  func notPressed() throws {
    let desk = try Desk()
    let simulator = try Simulator(desk)
    try desk.add("a", "--touch", token: simulator.token)
    try desk.run("sim", "button", "manual", token: simulator.token)
    let session = try Session(desk, ["login", "a"], token: simulator.token)
    try session.waitFor("Press the token's button")
    #expect(try desk.run("sim", "warp", "16s", token: simulator.token).status == 0)
    let outcome = session.finish()
    #expect(outcome.status == 8)
    #expect(outcome.output.isEmpty)
    #expect(outcome.complaints.count == 1)
  }

  @Test("Ctrl-C ends the wait for the button, on the token too")
  func cancelled() throws {
    let desk = try Desk()
    let simulator = try Simulator(desk)
    try desk.add("a", "--touch", token: simulator.token)
    try desk.run("sim", "button", "manual", token: simulator.token)
    let session = try Session(desk, ["login", "a"], token: simulator.token)
    try session.waitFor("Press the token's button")
    session.kill(SIGINT)
    #expect(session.finish().status == 130)
    let status = try JSON.parse(desk.run("sim", "status", "--json", token: simulator.token).output)
    #expect(status["indication"]?.string != "wantsTouch")
    #expect(try desk.run("list", token: simulator.token).status == 0)
  }

  /// What a token does that is not to keep anybody.
  private static let conducts: [(Impostor.Conduct, Instruction?)] = [
    (.silence, nil), (.garbage, nil), (.deafness, nil), (.keepsAlive, .list), (.wantsTouch, .list),
    (.garbage, .list), (.silence, .list), (.deafness, .list), (.silence, .selectOrCalculateAll),
    (.keepsAlive, .selectOrCalculateAll),
  ]

  @Test("Ctrl-C ends a command whatever the token does", arguments: 0..<10)
  func hostile(_ index: Int) throws {
    let desk = try Desk()
    let (conduct, instruction) = Self.conducts[index]
    let impostor = try Impostor(desk, "impostor", .init(), conduct, from: instruction)
    defer { impostor.end() }
    for command in [["list"], ["inventory"], ["add", "a", "--key", "-"]] {
      let session = try Session(desk, command, token: impostor.token)
      session.send(new + "\n")
      // Well before a token's time to answer is over, in which the command would end by itself.
      usleep(700_000)
      session.kill(SIGINT)
      let outcome = session.finish()
      #expect(outcome.status == 130 || outcome.status == 128 + SIGINT, "\(command): \(outcome)")
      // Had it waited until the token's time was over, it would say so.
      #expect(
        outcome.errors.contains("Interrupted before") || conduct == .wantsTouch, "\(outcome)")
    }
  }

  @Test("Ctrl-C ends the checks of a token that says for ever that it is at work")
  func hostileToCheck() throws {
    let desk = try Desk()
    let impostor = try Impostor(desk, "impostor", .init(), .keepsAlive, from: .selectOrCalculateAll)
    defer { impostor.end() }
    let session = try Session(desk, ["check"], token: impostor.token)
    usleep(500_000)
    session.kill(SIGINT)
    #expect(session.finish().status == 130)
  }

  @Test("one dead token does not keep the inventory from the others")
  func deadToken() throws {
    let desk = try Desk()
    try desk.add("a")
    let impostors = try [
      Impostor(desk, "silent", .init(), .silence), Impostor(desk, "noisy", .init(), .garbage),
      Impostor(desk, "dead", .init(), .silence, from: .information),
    ]
    defer { for impostor in impostors { impostor.end() } }
    let outcome = try desk.run("inventory", "--json")
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.errors.contains("is left out"))
    #expect(outcome.output.contains("\"a\""))
  }

  @Test("a token that two commands want at once serves one after the other")
  func twoAtOnce() throws {
    let desk = try Desk()
    try desk.add("a")
    let sessions = try (0..<6).map { _ in try Session(desk, ["login", "a"]) }
    for session in sessions {
      session.endInput()
      let outcome = session.finish()
      #expect(outcome.status == 0, "\(outcome)")
    }
  }
}
