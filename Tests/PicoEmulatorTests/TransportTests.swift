import Foundation
import PicoEmulator
import Testing
import TokenClient
import TokenCore

/// A folder of its own, gone afterwards.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "watchfob-pico-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(filePath: path + "/" + name))
    return path + "/" + name
  }
}

@Suite("Pico transport")
struct PicoTransportTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func report(_ first: UInt8) -> Report {
    var report = Report()
    for index in report.bytes.indices { report.bytes[index] = first &+ UInt8(index) }
    return report
  }

  private func bytes(_ report: Report?) -> [UInt8]? {
    report.map { report in report.bytes.indices.map { report.bytes[$0] } }
  }

  @Test(
    "reports go out and come back, in order, at either pace", arguments: [Pace.realTime, .unpaced])
  func exchange(pace: Pace) throws {
    let image = try folder.write(Assembler.binary(USBProgram.device()), to: "image")
    let transport = PicoTransport(image: image, pace: pace)
    try transport.open()
    for number in 0..<10 as Range<UInt8> {
      try transport.write(report(number))
      let answer = try transport.read(before: Deadline(in: .seconds(30)))
      #expect(bytes(answer) == bytes(report(number))?.map { ~$0 })
    }
    #expect(try transport.read(before: .now) == nil)
    transport.close()
    transport.close()
    #expect(throws: TransportFailure.vanished(place: "pico-emulated:\(image)")) {
      try transport.write(report(0))
    }
    try transport.open()
    try transport.write(report(1))
    #expect(try transport.read(before: Deadline(in: .seconds(30))) != nil)
  }

  @Test("an image that is not there, or is no firmware, is told as such")
  func images() throws {
    let missing = PicoTransport(image: folder.path + "/missing")
    #expect(throws: TransportFailure.notFound(place: missing.place)) { try missing.open() }
    for (name, content) in [("empty", []), ("text", Array("hello".utf8))] as [(String, [UInt8])] {
      let transport = PicoTransport(image: try folder.write(content, to: name), storage: .memory)
      let failure = #expect(throws: TransportFailure.self) { try transport.open() }
      guard case .unusable = failure else {
        Issue.record("\(String(describing: failure))")
        continue
      }
    }
  }

  @Test("firmware that breaks a rule makes the transport unusable, and the rule is told")
  func violations() throws {
    let image = try folder.write(
      Assembler.binary(USBProgram.device(arm: USBProgram.armAtOnce)), to: "image")
    let transport = PicoTransport(image: image, storage: .memory)
    let failure = #expect(throws: TransportFailure.self) { try transport.open() }
    #expect(failure?.description.contains("availableTogether") == true)
  }

  @Test(
    "the flash stays in a file of its own, which is this user's alone and used by one at a time")
  func flashFile() throws {
    let image = try folder.write(Assembler.binary(USBProgram.device()), to: "image")
    let path = image + ".flash"
    let transport = PicoTransport(image: image)
    try transport.open()
    let status = try FileManager.default.attributesOfItem(atPath: path)
    #expect(status[.posixPermissions] as? Int == 0o600)
    #expect(status[.size] as? Int == Pico.flashSize)
    let other = PicoTransport(image: image)
    #expect(throws: TransportFailure.inUse(place: other.place)) { try other.open() }
    transport.close()
    try other.open()
    other.close()

    chmod(path, 0o644)
    let failure = #expect(throws: TransportFailure.self) { try other.open() }
    #expect(failure?.description.contains("chmod 600") == true)
    chmod(path, 0o600)
    truncate(path, 100)
    #expect(throws: TransportFailure.self) { try other.open() }
    #expect(try Data(contentsOf: URL(filePath: path)).count == 100)
    unlink(path)
    symlink("/dev/null", path)
    #expect(throws: TransportFailure.self) { try other.open() }
  }

  @Test("what firmware writes to flash is in the file at once, and there the next time")
  func persistence() throws {
    let work =
      FlashProgram.fill + FlashProgram.enter + FlashProgram.erase + FlashProgram.program
      + FlashProgram.leave
    let path = folder.path + "/flash"
    let area = FlashProgram.area..<FlashProgram.area + 8
    do {
      let pico = Pico(.init(seed: 1))
      try pico.keepFlash(in: FlashFile(opening: path))
      pico.install(try Assembler.image(FlashProgram.changing(work)))
      pico.powerOn()
      pico.runToEnd()
      expect(pico)
      // Nothing was closed yet.
      let content = try Data(contentsOf: URL(filePath: path))
      #expect(Array(content[area]) == [0xA5, 0x5A, 0xFF, 0x00, 0xA5, 0x5A, 0xFF, 0x00])
    }
    let pico = Pico(.init(seed: 2))
    try pico.keepFlash(in: FlashFile(opening: path))
    #expect(pico.flashBytes(area) == [0xA5, 0x5A, 0xFF, 0x00, 0xA5, 0x5A, 0xFF, 0x00])
    // The program is there as well.
    pico.powerOn()
    pico.runToEnd()
    expect(pico)
  }

  @Test("a finger that taps presses BOOTSEL again and again, and an absent one never does")
  func finger() throws {
    let image = try folder.write(Assembler.binary(USBProgram.device()), to: "image")
    for (finger, seen) in [(Finger.tapping, Set([false, true])), (.absent, [false])] {
      let transport = PicoTransport(image: image, storage: .memory, pace: .unpaced, finger: finger)
      try transport.open()
      let pico = try #require(transport.pico)
      var states: Set<Bool> = []
      let end = pico.now + .seconds(1)
      while pico.now < end {
        _ = try transport.read(before: Deadline(in: .milliseconds(1)))
        states.insert(pico.isBootselPressed)
      }
      #expect(states == seen)
    }
  }
}
