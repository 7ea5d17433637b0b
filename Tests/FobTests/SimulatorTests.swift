import Foundation
import JSON
import Testing

@Suite("fob sim")
struct SimulatorTests {
  @Test("run sets FOB_TOKEN for a command, and ends as the command does")
  func run() throws {
    let desk = try Desk()
    let token = try desk.run(
      "sim", "run", "--memory", "--", "sh", "-c", "echo $FOB_TOKEN; exit 7", token: nil)
    #expect(token.status == 7)
    #expect(token.output.hasPrefix("unix:/"))
    #expect(token.errors.isEmpty)
    let killed = try desk.run("sim", "run", "--memory", "--", "sh", "-c", "kill -9 $$", token: nil)
    #expect(killed.status == 128 + 9)
    // Nothing stays behind.
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: desk.folder + "/run/watchfob").isEmpty)
    #expect(!FileManager.default.fileExists(atPath: desk.image))
  }

  @Test("a new token has this computer's time, unless it is to be unset")
  func firstTime() throws {
    let desk = try Desk()
    let status = "'\(Desk.fob)' clock status --json"
    func state(_ options: [String]) throws -> String? {
      let outcome = try desk.run(
        ["sim", "run"] + options + ["--", "sh", "-c", status], token: nil)
      return try JSON.parse(outcome.output)["state"]?.string
    }
    #expect(try state(["--memory"]) == "running")
    #expect(try state(["--memory", "--unset"]) == "unset")
    #expect(try state(["--image", desk.folder + "/a"]) == "running")
    #expect(try state(["--image", desk.folder + "/b", "--unset"]) == "unset")
    // It counts for a token that is made, and for no other.
    #expect(try state(["--image", desk.folder + "/a", "--unset"]) == "running")
  }

  @Test("a command finds the token there, and what it did is in the image afterwards")
  func image() throws {
    let desk = try Desk()
    let script = "echo JBSWY3DPEHPK3PXP | '\(Desk.fob)' add a --key - && '\(Desk.fob)' login a"
    let outcome = try desk.run(
      "sim", "run", "--image", "my.image", "--", "sh", "-c", script, token: nil)
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.count == 7)
    #expect(try desk.run("list", "--names", token: "sim:my.image").output == "a\n")
  }

  @Test("a request to terminate ends the command, too")
  func terminate() throws {
    let desk = try Desk()
    let session = try Session(
      desk, ["sim", "run", "--memory", "--", "sh", "-c", "echo started; exec sleep 600"], token: nil
    )
    try session.waitFor("started")
    session.kill(SIGTERM)
    #expect(session.finish().status == 128 + SIGTERM)
  }

  @Test("a token that runs is stopped by Ctrl-C, by 'sim stop', and not twice")
  func stop() throws {
    let desk = try Desk()
    var simulator = try Simulator(desk)
    simulator.kill(SIGINT)
    #expect(simulator.finish().status == 0)
    simulator = try Simulator(desk)
    #expect(try desk.run("sim", "stop", token: simulator.token).status == 0)
    #expect(simulator.finish().status == 0)
    #expect(try desk.run("sim", "stop", token: simulator.token).status == 3)
  }

  @Test("an image that a simulator uses is nobody else's meanwhile")
  func inUse() throws {
    let desk = try Desk()
    try desk.add("a")
    let simulator = try Simulator(desk, "--image", desk.image)
    let outcome = try desk.run("list")
    #expect(outcome.status == 3, "\(outcome)")
    #expect(outcome.errors.contains("Another program is using"))
    #expect(try desk.run("list", "--names", token: simulator.token).output == "a\n")
    #expect(try desk.run("sim", "run").status == 3)
  }

  @Test("a snapshot brings back what was there", arguments: ["file", "server"])
  func snapshot(_ place: String) throws {
    let desk = try Desk()
    let simulator = place == "server" ? try Simulator(desk) : nil
    let token = simulator?.token ?? "sim"
    try desk.add("a", token: token)
    #expect(try desk.run("sim", "snapshot", "before.image", token: token).status == 0)
    try desk.run("remove", "a", "--yes", token: token)
    try desk.add("b", token: token)
    #expect(try desk.run("sim", "restore", "before.image", token: token).status == 0)
    #expect(try desk.run("list", "--names", token: token).output == "a\n")
    #expect(try desk.run("sim", "snapshot", "before.image", token: token).status != 0)
  }

  @Test("button, battery and cable do what they are told")
  func hands() throws {
    let desk = try Desk()
    let simulator = try Simulator(desk)
    func status() throws -> JSON {
      try JSON.parse(desk.run("sim", "status", "--json", token: simulator.token).output)
    }
    for mode in ["manual", "never", "automatic"] {
      #expect(try desk.run("sim", "button", mode, token: simulator.token).status == 0)
      #expect(try status()["button"]?.string == mode)
    }
    #expect(try desk.run("sim", "press", token: simulator.token).status == 1)
    for state in ["out", "in"] {
      #expect(try desk.run("sim", "battery", state, token: simulator.token).status == 0)
      #expect(try status()["battery"]?.bool == (state == "in"))
    }
    for command in ["unplug", "plug"] {
      #expect(try desk.run("sim", command, token: simulator.token).status == 0)
      #expect(try status()["plugged"]?.bool == (command == "plug"))
    }
  }
}
