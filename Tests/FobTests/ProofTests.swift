import Foundation
import JSON
import OATH
import Testing
import TokenClient
import TokenCore

@testable import fob

@Suite("What fob proved to a token")
struct ProofTests {
  /// A simulator with a credential, and with a password and a PIN, which are in files.
  private func simulator(_ desk: Desk, password: Bool, pin: Bool) throws -> Simulator {
    let simulator = try Simulator(desk)
    _ = try desk.file("password", "correct horse\n")
    _ = try desk.file("pin", "31415926\n")
    if password {
      let set = try desk.run(
        "password", "set", "--new-password-file", "password", token: simulator.token)
      try #require(set.status == 0, "\(set)")
      try desk.add("a", "--password-file", "password", token: simulator.token)
    } else {
      try desk.add("a", token: simulator.token)
    }
    if pin {
      let set = try desk.run(
        ["pin", "set"] + (password ? ["--password-file", "password"] : []), input: "31415926\n",
        token: simulator.token)
      try #require(set.status == 0, "\(set)")
    }
    return simulator
  }

  /// The options that name the files of what was set.
  private func files(password: Bool, pin: Bool) -> [String] {
    (password ? ["--password-file", "password"] : []) + (pin ? ["--pin-file", "pin"] : [])
  }

  @Test(
    "ends when it does: normally, with an error, at the end of its input, and by a signal",
    arguments: ["done", "error", "no input", "INT", "TERM", "HUP", "QUIT"])
  func ends(_ how: String) throws {
    let desk = try Desk()
    let simulator = try simulator(desk, password: true, pin: false)
    let ear = try Ear(simulator.token)
    let name = how == "error" ? "nothing" : "a"
    let command = how == "done" ? ["list"] : ["remove", name]
    let session = try Session(
      desk, command + ["--password-file", "password"], token: simulator.token)
    let signals = ["INT": SIGINT, "TERM": SIGTERM, "HUP": SIGHUP, "QUIT": SIGQUIT]
    if let signal = signals[how] {
      try session.waitFor("for good?")
      // While it runs, a program that hears its channel can use it.
      let running = try ear.channels().all
      #expect(try running.contains { try ear.list(on: $0) == 0x9000 })
      session.kill(signal)
    } else {
      session.endInput()
    }
    let outcome = session.finish()
    #expect(signals[how] == nil || outcome.status == 130, "\(outcome)")
    let (all, resynchronised) = try ear.channels()
    #expect(!all.isEmpty && all == resynchronised)
    for channel in all { #expect(try ear.list(on: channel) != 0x9000) }
  }

  @Test("ends a minute after it was killed")
  func killed() throws {
    let desk = try Desk()
    let simulator = try simulator(desk, password: true, pin: false)
    let ear = try Ear(simulator.token)
    let session = try Session(
      desk, ["remove", "a", "--password-file", "password"], token: simulator.token)
    try session.waitFor("for good?")
    session.kill(SIGKILL)
    _ = session.finish()
    #expect(try desk.run("sim", "warp", "61s", token: simulator.token).status == 0)
    for channel in try ear.channels().all { #expect(try ear.list(on: channel) != 0x9000) }
  }

  @Test(
    "is proved again after a while at a question, and a new secret that was forgotten is staged again",
    arguments: ["180s", "660s"], [(true, false), (false, true), (true, true)])
  func question(_ length: String, _ secrets: (password: Bool, pin: Bool)) throws {
    let desk = try Desk()
    let simulator = try simulator(desk, password: secrets.password, pin: secrets.pin)
    let files = files(password: secrets.password, pin: secrets.pin)
    let session = try Session(
      desk, ["update", "a", "--key", "-"] + files, token: simulator.token)
    session.send("GEZDGNBVGY3TQOJQ\n")
    try session.waitFor("Did the site take it?")
    #expect(try desk.run("sim", "warp", length, token: simulator.token).status == 0)
    session.send("yes\n")
    session.endInput()
    let outcome = session.finish()
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.errors.contains("asks for its PIN") == !secrets.password, "\(outcome)")
    let information = try JSON.parse(desk.run("info", "--json", token: simulator.token).output)
    #expect(information["updateWaiting"]?.bool == false)
    let reference = try desk.run(
      ["add", "reference", "--key", "-"] + files, input: "GEZDGNBVGY3TQOJQ\n",
      token: simulator.token)
    #expect(reference.status == 0, "\(reference)")
    let codes = try JSON.parse(desk.run(["code", "--json"] + files, token: simulator.token).output)
    #expect(codes[0]?["code"] == codes[1]?["code"] && codes[0]?["code"]?.string != nil)
  }

  @Test("is proved again in a watch of eleven minutes: a password silently, a PIN by a press")
  func watch() throws {
    for pin in [false, true] {
      let desk = try Desk()
      let simulator = try simulator(desk, password: !pin, pin: pin)
      let files = files(password: !pin, pin: pin)
      let session = try Session(
        desk,
        ["code", "--watch"] + files,
        token: simulator.token)
      try session.waitFor("a  ")
      #expect(try desk.run("sim", "warp", "660s", token: simulator.token).status == 0)
      if pin { try session.waitFor("confirmed again, as it does every ten minutes.") }
      // The code of the time after it.
      let now = try desk.run(
        ["code", "a"] + files, token: simulator.token)
      try session.waitFor(now.output)
      session.kill(SIGINT)
      let outcome = session.finish()
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.errors.contains("confirmed again") == pin)
    }
  }

  @Test(
    "is forgotten when the computer sleeps, between the site's yes and the end of an update too")
  func suspended() throws {
    let token = SharedToken(.watchfob, seed: 1)
    let session = try TokenSession(over: token.cable())
    try session.setAccessKey(session.accessKey(password: SecretBytes(Array("horse".utf8).span)))
    _ = try session.syncClock()
    let names = [
      try Credential.Name(label: "timed", period: Seconds(30)),
      try Credential.Name(hotpLabel: "counted"),
    ]
    for name in names {
      let old = SecretBytes([UInt8](repeating: 1, count: 20).span)
      let secret = [UInt8](repeating: 2, count: 20)
      try session.put(NewCredential(name: name, secret: old))
      let staged = StagedSecret(try NewCredential(name: name, secret: SecretBytes(secret.span)))
      try staged.stage(session)
      let shown = try staged.code(session)
      token.changeBus()
      let again = try staged.code(session)
      token.changeBus()
      try staged.commit(session)
      let after = try session.calculate(name)
      let key = OATHKey(algorithm: .sha1, secret: secret.span)
      if name.period == nil {
        // No code is shown twice, whatever the token forgot.
        let codes = (0..<3).map { HOTP.code(key: key, at: MovingFactor($0), digits: .six) }
        #expect([shown.code, again.code, after.code] == codes)
      } else {
        let step = try #require(after.validity?.step)
        #expect(after.code == HOTP.code(key: key, at: MovingFactor(step), digits: .six))
      }
    }
  }

  @Test("is not needed for a reset, which waits for the button and says so")
  func reset() throws {
    let desk = try Desk()
    let simulator = try simulator(desk, password: true, pin: false)
    try desk.run("sim", "button", "manual", token: simulator.token)
    let session = try Session(desk, ["reset", "--yes"], token: simulator.token)
    try session.waitFor("Press the token's button")
    #expect(try desk.run("sim", "warp", "16s", token: simulator.token).status == 0)
    #expect(session.finish().status == 8)
    #expect(
      try desk.run("list", "--names", "--password-file", "password", token: simulator.token).output
        == "a\n")
    let pressed = try Session(desk, ["reset", "--yes"], token: simulator.token)
    try pressed.waitFor("Press the token's button")
    repeat {
      #expect(try desk.run("sim", "press", token: simulator.token).status == 0)
    } while pressed.isRunning
    #expect(pressed.finish().status == 0)
    #expect(try desk.run("list", "--names", token: simulator.token).output.isEmpty)
  }
}
