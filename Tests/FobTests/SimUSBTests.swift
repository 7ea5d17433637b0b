import Foundation
import Testing

@Suite("A simulated token as a USB device")
struct SimUSBTests {
  private func socket(_ desk: Desk) -> String { desk.folder + "/run/token" }

  @Test("USB/IP says where it listens, is controlled through its socket, and records what passes")
  func usbip() throws {
    let desk = try Desk()
    let record = desk.folder + "/bus.pcapng"
    let session = try Session(
      desk,
      ["sim", "usbip", "--memory", "--port", "0", "--socket", socket(desk), "--record", record],
      token: nil)
    try session.waitFor("keys and codes as well")
    let token = "unix:" + socket(desk)
    #expect(try desk.run("sim", "unplug", token: token).status == 0)
    try session.waitFor("the device off the bus")
    #expect(try desk.run("sim", "plug", token: token).status == 0)
    #expect(try desk.run("clock", "sync", token: token).status == 0)
    #expect(try desk.run("sim", "stop", token: token).status == 0)
    let outcome = session.finish()
    #expect(outcome.status == 0, "\(outcome)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.first?.hasPrefix("USBIP=127.0.0.1:") == true)
    #expect(lines.last == "FOB_TOKEN=\(token)")
    // No host was there: nothing was sent.
    let replay = try desk.run("sim", "replay", record, token: nil)
    #expect(replay.status == 0)
    #expect(replay.output.isEmpty)
  }

  @Test("usbredir listens at its own socket, beside that of the token")
  func usbredir() throws {
    let desk = try Desk()
    let path = desk.folder + "/run/usb"
    let session = try Session(
      desk, ["sim", "usbredir", "--memory", "--socket", path, "--wire", socket(desk)], token: nil)
    try session.waitFor("Ctrl-C ends it")
    var status = stat()
    #expect(lstat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    session.kill(SIGINT)
    let outcome = session.finish()
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output == "USBREDIR=\(path)\nFOB_TOKEN=unix:\(socket(desk))\n")
    #expect(lstat(path, &status) != 0)
  }

  @Test("a recording is not written over another file")
  func existingRecord() throws {
    let desk = try Desk()
    let record = desk.folder + "/precious"
    try Data("precious".utf8).write(to: URL(fileURLWithPath: record))
    let outcome = try desk.run(
      "sim", "usbip", "--memory", "--port", "0", "--record", record, token: nil)
    #expect(outcome.status == 1)
    #expect(outcome.complaints.count == 1, "\(outcome)")
    #expect(try String(contentsOfFile: record, encoding: .utf8) == "precious")
    let replay = try desk.run("sim", "replay", record, token: nil)
    #expect(replay.status == 9)
    #expect(replay.complaints.count == 1, "\(replay)")
  }

  @Test("an address that is not this computer's, or is none, is refused in a sentence")
  func addresses() throws {
    let desk = try Desk()
    for address in ["192.0.2.1", "example.org", "-"] {
      let outcome = try desk.run("sim", "usbip", "--memory", "--address", address, token: nil)
      #expect(outcome.status == 1)
      #expect(outcome.complaints.count == 1, "\(outcome)")
      #expect(outcome.errors.contains(address))
      #expect(outcome.output.isEmpty)
    }
  }

  @Test("usbredir listens or connects, and not both or neither")
  func places() throws {
    let desk = try Desk()
    #expect(
      try desk.run("sim", "usbredir", "--socket", "a", "--connect", "b", token: nil).status == 2)
    #expect(try desk.run("sim", "usbredir", "--memory", token: nil).status == 2)
  }

  private static let picoImage = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: ".build/firmware/Pico.uf2").path

  @Test(
    "firmware of a Pico is given to a machine, and its cable and button are in one's hand",
    .enabled(
      if: FileManager.default.fileExists(atPath: picoImage),
      "there is no firmware image: run 'make firmware'"))
  func firmware() throws {
    let desk = try Desk()
    let path = desk.folder + "/run/usb"
    let session = try Session(
      desk,
      [
        "sim", "usbredir", "--firmware", Self.picoImage, "--memory", "--socket", path, "--wire",
        socket(desk),
      ], token: nil)
    try session.waitFor("Ctrl-C ends it")
    let token = "unix:" + socket(desk)
    #expect(try desk.run("sim", "button", "manual", token: token).status == 0)
    #expect(try desk.run("sim", "press", token: token).status == 0)
    #expect(try desk.run("sim", "unplug", token: token).status == 0)
    try session.waitFor("the device off the bus")
    let status = try desk.run("sim", "status", "--json", token: token)
    #expect(status.output.contains("\"emulated\""))
    #expect(status.output.contains("\"plugged\": false"))
    #expect(try desk.run("sim", "plug", token: token).status == 0)
    let battery = try desk.run("sim", "battery", "out", token: token)
    #expect(battery.status == 1)
    #expect(battery.errors.contains("A Pico has no battery."))
    #expect(try desk.run("sim", "stop", token: token).status == 0)
    let outcome = session.finish()
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output == "USBREDIR=\(path)\nCONTROL=\(token)\n")
  }

  @Test("an image that is missing, or is no firmware, is told before anybody waits for it")
  func badFirmware() throws {
    let desk = try Desk()
    let other = desk.folder + "/other"
    try Data("hello".utf8).write(to: URL(filePath: other))
    for (image, status) in [(desk.folder + "/missing", 3), (other, 9)] as [(String, Int32)] {
      let outcome = try desk.run(
        "sim", "usbredir", "--firmware", image, "--socket", desk.folder + "/run/usb", token: nil)
      #expect(outcome.status == status, "\(outcome)")
      #expect(outcome.output.isEmpty)
      #expect(outcome.complaints.count == 1, "\(outcome)")
    }
  }
}
