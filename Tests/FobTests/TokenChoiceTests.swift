import Foundation
import Testing
import TokenCore

@testable import fob

@Suite("Choosing a token")
struct TokenChoiceTests {
  /// Every command that talks to a token.
  static let commands: [[String]] = [
    ["info"], ["list"], ["code"], ["login", "a"], ["recover", "a"], ["rename", "a", "b"],
    ["remove", "a", "--yes"], ["disable", "a", "--yes"], ["clock"], ["clock", "sync"],
    ["password", "clear"], ["reset", "--yes"], ["sim", "status"], ["sim", "press"],
    ["sim", "unplug"], ["sim", "suspend"], ["sim", "warp", "1s"], ["sim", "stop"],
  ]

  @Test("without a choice there is no token, and it says how to choose", arguments: commands)
  func none(_ command: [String]) throws {
    let desk = try Desk()
    let outcome = try desk.run(command, token: nil)
    #expect(outcome.status == 3)
    #expect(outcome.complaints.count == 1)
    #expect(
      outcome.errors.contains("--token usb, usb:SERIAL, sim, sim:FILE, unix:SOCKET, qemu:IMAGE"))
    #expect(!FileManager.default.fileExists(atPath: desk.image))
  }

  @Test("a token that is not there is not made by looking at it", arguments: commands)
  func absent(_ command: [String]) throws {
    let desk = try Desk()
    for token in ["sim", "sim:none.image", "unix:none", "usb", "usb:none"] {
      let outcome = try desk.run(command, token: token)
      let isInNoServer = command[0] == "sim" && token.hasPrefix("sim")
      #expect([3, isInNoServer ? 1 : 3].contains(outcome.status), "\(token): \(outcome)")
      #expect(outcome.complaints.count == 1)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: desk.folder) == ["run"])
  }

  @Test("adding without a choice makes nothing, however the secret comes")
  func addWithoutChoice() throws {
    let desk = try Desk()
    for command in ["add", "enable"] {
      let outcome = try desk.run(
        command, "a", "--key", "-", input: "JBSWY3DPEHPK3PXP\nyes\n", token: nil)
      #expect(outcome.status == 3)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: desk.folder) == ["run"])
  }

  @Test(
    "what is no choice is refused with the choices there are",
    arguments: ["usbc", "USB", "SIM", "simulator", "unix", "/dev/hidraw0"])
  func unknown(_ token: String) throws {
    let outcome = try Desk().run("list", token: token)
    #expect(outcome.status == 3)
    #expect(
      outcome.errors.contains("sim, sim:FILE, unix:SOCKET, qemu:IMAGE or pico-emulated:IMAGE"))
  }

  @Test("a serial number has to be there after 'usb:'")
  func noSerialNumber() throws {
    #expect(try Desk().run("list", token: "usb:").status == 2)
  }

  @Test("what the only token on USB is decides whether it may be used unasked")
  func unasked() {
    let unasked = TokenChoice.pluggedIn(serialNumber: "0a")
    #expect(throws: Never.self) { try unasked.requireChoice(of: .hardware) }
    for body in [Body.simulated, .emulated] {
      let refusal = #expect(throws: FobError.self) { try unasked.requireChoice(of: body) }
      #expect(refusal?.status == .noToken)
      #expect(refusal?.sentence.contains("--token usb:0a") == true)
      let chosen = TokenChoice.usb(serialNumber: "0a")
      #expect(throws: Never.self) { try chosen.requireChoice(of: body) }
    }
  }

  @Test("--token wins over FOB_TOKEN")
  func precedence() throws {
    let desk = try Desk()
    try desk.add("a", token: "sim:one.image")
    try desk.add("b", token: "sim:two.image")
    #expect(
      try desk.run("list", "--names", "--token", "sim:two.image", token: "sim:one.image").output
        == "b\n")
    #expect(try desk.run("--token", "sim:two.image", "list", "--names", token: nil).output == "b\n")
  }

  @Test("a new image is its owner's alone")
  func permissions() throws {
    let desk = try Desk()
    try desk.add("a")
    let attributes = try FileManager.default.attributesOfItem(atPath: desk.image)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let folder = (desk.image as NSString).deletingLastPathComponent
    #expect(
      try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int == 0o700)
  }

  @Test("an image that is damaged or something else is refused, and left as it is")
  func images() throws {
    let desk = try Desk()
    try desk.add("a")
    let whole = try Data(contentsOf: URL(fileURLWithPath: desk.image))
    var scribbled = whole
    scribbled[20] ^= 0xFF
    for damaged in [
      Data(), whole.prefix(100), whole.prefix(whole.count - 1), whole + [0],
      Data("This is no token.".utf8), Data(count: whole.count), scribbled,
    ] {
      try damaged.write(to: URL(fileURLWithPath: desk.image))
      for command in [
        ["list"], ["add", "b", "--key", "-"], ["sim", "warp", "1s"], ["sim", "run"],
      ] {
        let outcome = try desk.run(command, input: "JBSWY3DPEHPK3PXP\n")
        #expect(outcome.status == 9, "\(command): \(outcome)")
        #expect(outcome.complaints.count == 1)
        #expect(try Data(contentsOf: URL(fileURLWithPath: desk.image)) == damaged)
      }
    }
  }

  @Test("devices lists the person's own token, and those that run")
  func devices() throws {
    let desk = try Desk()
    #expect(try desk.run("devices", token: nil).output.contains("There are none yet"))
    try desk.add("a")
    let simulator = try Simulator(desk)
    // Where simulators listen by themselves.
    let outcome = try desk.run("devices", token: simulator.token)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("\n  sim\n"))
    #expect(outcome.output.contains("\n  \(simulator.token)  (chosen)\n"))
  }
}
