import FirmwareBounds
import Foundation
import OATH
import PasswordClient
import PicoEmulator
import Testing
import TokenClient
import TokenCore
import TokenSimulator
import VirtualUSB

@Suite(
  "The token's image in the emulated Pico",
  .enabled(if: TokenImage.isBuilt, Comment(rawValue: TokenImage.absence)))
struct TokenImageTests {
  private func expectNoViolation(
    _ transport: PicoTransport, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let pico = try #require(transport.pico, sourceLocation: sourceLocation)
    #expect(
      pico.violations.isEmpty, "\(pico.violations.map(\.description))",
      sourceLocation: sourceLocation)
  }

  @Test(
    "boots from each kind of file, echoes, and breaks no rule", arguments: ["elf", "uf2", "bin"])
  func boots(kind: String) throws {
    let transport = TokenImage.transport(kind)
    let session = try TokenSession(over: transport)
    defer { session.close() }
    for size in [0, 1, 57, 58, 1_000, 7_609] {
      try session.ping((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    }
    #expect(try session.information().stored == 0)
    try expectNoViolation(transport)
  }

  @Test("uses no more of its stack than the build says that it can")
  func stack() throws {
    let transport = TokenImage.transport()
    let session = try TokenSession(over: transport)
    defer { session.close() }
    let credential = try TokenImage.counting("deep")
    try session.put(credential)
    _ = try session.calculate(credential.name)
    _ = try session.list()
    try session.reset()
    let pico = try #require(transport.pico)
    let bound = try StackBound(of: TokenImage.path())
    let untouched = stride(from: bound.bottom, to: bound.top, by: 4).prefix {
      pico.word(at: $0) == 0xA5A5_A5A5
    }
    let used = Int(bound.top - bound.bottom) - 4 * untouched.count
    #expect(used > 1_000)
    #expect(used <= bound.deepest)
  }

  @Test("counts as RFC 4226, and goes on where it was after its power was away")
  func counts() throws {
    let transport = TokenImage.transport()
    var session = try TokenSession(over: transport)
    let credential = try TokenImage.counting("counting")
    try session.put(credential)
    for counter in 0..<4 as Range<UInt64> {
      #expect(try session.calculate(credential.name).text == TokenImage.code(counter))
      session.close()
      session = try TokenSession(over: transport)
    }
    try expectNoViolation(transport)
  }

  @Test("shows with its LED that it waits for BOOTSEL, and gives the code when that is pressed")
  func button() throws {
    let transport = TokenImage.transport(finger: .absent)
    let session = try TokenSession(over: transport)
    defer { session.close() }
    let name = try Credential.Name(hotpLabel: "touch")
    try session.put(
      NewCredential(
        name: name, secret: TokenImage.secret, properties: .touch))
    let pico = try #require(transport.pico)
    let before = pico.ledChanges.count
    session.framing.touchIsAwaited = { if $0 { transport.finger = .tapping } }
    #expect(try session.calculate(name).text == TokenImage.code(0))
    #expect(pico.ledChanges.count > before)
    try expectNoViolation(transport)
  }

  @Test(
    "with a storage that is erased, or somebody else's, it comes up, answers, and RESET mends it")
  func foreignStorage() throws {
    let folder = try TemporaryFolder()
    for seed in 0..<3 {
      var generator = Numbers(seed: seed)
      var flash = [UInt8](repeating: 0xFF, count: Pico.flashSize)
      for offset in TokenImage.storage {
        flash[offset] = UInt8.random(in: 0...255, using: &generator)
      }
      let path = try folder.write(flash, to: "flash\(seed)")
      chmod(path, 0o600)
      let transport = TokenImage.transport(storage: .file(path))
      let session = try TokenSession(over: transport)
      #expect(throws: TokenFailure.self, "repeat with: \(seed)") { try session.list() }
      try session.ping([1, 2, 3])
      try session.reset()
      #expect(try session.list().isEmpty, "repeat with: \(seed)")
      try session.put(TokenImage.counting("new"))
      #expect(try session.list().count == 1)
      try expectNoViolation(transport)
      session.close()
    }
  }

  @Test("a reset of the bus in the middle of anything leaves a token that answers")
  func busReset() throws {
    let transport = TokenImage.transport()
    let session = try TokenSession(over: transport)
    let credential = try TokenImage.counting("kept")
    try session.put(credential)
    let pico = try #require(transport.pico)
    let device = try pico.usb.enumerate()
    let output = try #require(device.interruptOutput)
    let input = try #require(device.interruptInput)
    for seed in 0..<40 {
      var generator = Numbers(seed: seed)
      // A few packets of anything, answers that are half fetched, and a moment of no one's choice.
      for _ in 0..<Int.random(in: 0...4, using: &generator) {
        var packet = (0..<64).map { _ in UInt8.random(in: 0...255, using: &generator) }
        if Bool.random(using: &generator) {
          packet.replaceSubrange(0..<7, with: [0xFF, 0xFF, 0xFF, 0xFF, 0x86, 0, 8])
        }
        _ = try? pico.usb.write(packet, to: output, within: .milliseconds(5))
        if Bool.random(using: &generator) { _ = try? pico.usb.poll(input) }
      }
      if Bool.random(using: &generator) {
        _ = try? pico.usb.control(
          PicoEmulator.ControlRequest(requestType: 0x80, request: 6, value: 0x200, length: 255),
          patience: Nanoseconds(UInt64.random(in: 0...300_000, using: &generator)))
      }
      pico.run(for: Nanoseconds(UInt64.random(in: 0...2_000_000, using: &generator)))
      #expect(throws: Never.self, "repeat with: \(seed)") { try pico.usb.enumerate() }
      try pico.usb.write(
        [0xFF, 0xFF, 0xFF, 0xFF, 0x86, 0, 8] + [UInt8](repeating: UInt8(seed), count: 57),
        to: output)
      let answer = try pico.usb.read(input, within: .milliseconds(500))
      #expect(answer?.prefix(5) == [0xFF, 0xFF, 0xFF, 0xFF, 0x86], "repeat with: \(seed)")
      #expect(pico.violations.isEmpty, "repeat with: \(seed); \(pico.violations)")
    }
    session.close()
    let again = try TokenSession(over: transport)
    #expect(try again.calculate(credential.name).text == TokenImage.code(0))
  }

  @Test(
    "a proof of the password ends with what the bus goes through, and a half message with it",
    arguments: ["reset", "suspension", "SET_CONFIGURATION 0", "SET_CONFIGURATION"])
  func busEvents(name: String) throws {
    let transport = TokenImage.transport()
    try transport.open()
    defer { transport.close() }
    let pico = try #require(transport.pico)
    func cause() throws {
      switch name {
      case "reset": try pico.usb.enumerate()
      case "suspension":
        pico.usb.suspend()
        pico.run(for: .milliseconds(10))
        pico.usb.resume()
      default:
        if name.last == "0" {
          try pico.usb.control(PicoEmulator.ControlRequest(requestType: 0, request: 9, value: 0))
        }
        try pico.usb.control(PicoEmulator.ControlRequest(requestType: 0, request: 9, value: 1))
      }
    }
    func program() throws -> PasswordClient {
      try PasswordClient(
        send: { try? pico.usb.write($0, to: 1) },
        receive: { (try? pico.usb.read(1, within: .milliseconds(400))).flatMap { $0 } })
    }
    let client = try program()
    try client.secure()
    try cause()
    #expect(try client.list() == 0x6982)
    #expect(try client.prove() == 0x9000)
    client.beginMessage()
    try cause()
    #expect(try program().isServed())
    try expectNoViolation(transport)
  }

  @Test("in a guest's port, a proof ends with a reset of the port, and with a sleep of its bus")
  func portEvents() throws {
    let port = PicoPort(image: TokenImage.path(), storage: .memory, seed: 1)
    port.connect()
    defer { port.disconnect() }
    func data(_ kind: Transfer.Kind) -> [UInt8]? {
      guard port.submit(Transfer(id: 1, kind)) else { return nil }
      let end = Deadline(in: .seconds(10))
      while !end.hasPassed {
        _ = port.advance()
        if let completion = port.nextCompletion() { return completion.data }
      }
      return nil
    }
    let client = try PasswordClient(
      send: { _ = data(.output(endpoint: 1, data: $0)) },
      receive: { data(.input(endpoint: 1, length: 64)) })
    try client.secure()
    port.reset()
    #expect(try client.list() == 0x6982)
    #expect(try client.prove() == 0x9000)
    try port.perform(TokenSimulator.ControlRequest.suspend)
    #expect(try client.list() == 0x6982)
    #expect(port.failure == nil)
  }

  @Test("a host that never reads does not bring it down")
  func deafHost() throws {
    let transport = TokenImage.transport()
    try transport.open()
    let pico = try #require(transport.pico)
    for number in 0..<300 {
      _ = try pico.usb.offer(
        [0xFF, 0xFF, 0xFF, 0xFF, 0x86, 0, 8] + [UInt8](repeating: UInt8(number & 0xFF), count: 57),
        to: 1)
      pico.run(for: .milliseconds(1))
    }
    #expect(pico.state == .running)
    try pico.usb.enumerate()
    try pico.usb.write(
      [0xFF, 0xFF, 0xFF, 0xFF, 0x86, 0, 8] + [UInt8](repeating: 7, count: 57), to: 1)
    #expect(try pico.usb.read(1, within: .milliseconds(500))?.prefix(8).last == 7)
    try expectNoViolation(transport)
  }

  @Test(
    "a cut of the power at any program or erase loses nothing that was there, and tears nothing")
  func powerCuts() throws {
    let folder = try TemporaryFolder()
    let kept = try TokenImage.counting("kept")
    let new = try TokenImage.counting("new")
    let before = folder.path + "/before"
    do {
      let session = try TokenSession(over: TokenImage.transport(storage: .file(before)))
      try session.put(kept)
      session.close()
    }
    var operation: UInt64 = 0
    var wasCut = true
    var outcomes: Set<Int> = []
    while wasCut {
      let path = folder.path + "/cut"
      unlink(path)
      try FileManager.default.copyItem(atPath: before, toPath: path)
      let transport = TokenImage.transport(storage: .file(path), seed: operation)
      let session = try TokenSession(over: transport)
      let pico = try #require(transport.pico)
      pico.powerCut = PowerCut(at: operation, tear: .some(seed: operation))
      let succeeded = (try? session.put(new)) != nil
      wasCut = pico.state == .off
      #expect(wasCut != succeeded, "repeat with: \(operation)")
      #expect(pico.violations.isEmpty, "repeat with: \(operation); \(pico.violations)")
      session.close()

      let again = try TokenSession(over: transport)
      let names = try again.list().map(\.name)
      outcomes.insert(names.count)
      #expect(names.contains(kept.name), "repeat with: \(operation)")
      #expect(names.count == 1 || names.contains(new.name), "repeat with: \(operation)")
      for name in names {
        #expect(
          try again.calculate(name).text == TokenImage.code(0), "repeat with: \(operation)")
      }
      try expectNoViolation(transport)
      again.close()
      operation += 1
    }
    #expect(outcomes == [1, 2])
    #expect(operation > 2)
  }
}
