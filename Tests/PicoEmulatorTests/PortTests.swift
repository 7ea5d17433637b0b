import PicoEmulator
import Testing
import TokenClient
import TokenCore
import TokenSimulator
import VirtualUSB

/// A port whose device echoes reports, with each byte's bits inverted; or another program's.
@Suite("A port with a Pico in it")
struct PicoPortTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func port(_ source: String = USBProgram.device()) throws -> PicoPort {
    let image = try folder.write(Assembler.binary(source), to: "image")
    let port = PicoPort(image: image, storage: .memory, seed: 1)
    port.connect()
    return port
  }

  /// Lets time pass until a transfer ends, up to 10 s.
  private func completion(_ port: PicoPort) -> Completion? {
    let end = Deadline(in: .seconds(10))
    while !end.hasPassed {
      _ = port.advance()
      if let completion = port.nextCompletion() { return completion }
    }
    return nil
  }

  private static let deviceDescriptor = SetupPacket(
    requestType: 0x80, request: 6, value: 0x100, length: 18)

  @Test("its device is set up, and its descriptors are the firmware's own")
  func descriptors() throws {
    let port = try port()
    #expect(port.failure == nil)
    #expect(port.isConnected)
    #expect(port.deviceDescriptor.prefix(8) == [18, 1, 0, 2, 0, 0, 0, 64])
    #expect(port.configurationDescriptor?.count == 32)
    #expect(port.submit(Transfer(id: 1, .control(Self.deviceDescriptor, data: []))))
    let descriptor = try #require(port.nextCompletion())
    #expect(descriptor.status == .done)
    #expect(descriptor.data == port.deviceDescriptor)
    port.disconnect()
    #expect(!port.submit(Transfer(id: 2, .control(Self.deviceDescriptor, data: []))))
  }

  @Test("a transfer at an idle endpoint is held until there is a report, or it is taken back")
  func holding() throws {
    let port = try port()
    #expect(port.submit(Transfer(id: 1, .input(endpoint: 1, length: 64))))
    let pause = Deadline(in: .milliseconds(50))
    while !pause.hasPassed { _ = port.advance() }
    #expect(port.nextCompletion() == nil)
    #expect(port.cancel(1))
    #expect(!port.cancel(1))
    #expect(port.submit(Transfer(id: 2, .input(endpoint: 1, length: 64))))
    let report = (0..<64).map { UInt8($0) }
    #expect(port.submit(Transfer(id: 3, .output(endpoint: 1, data: report))))
    let sent = try #require(completion(port))
    #expect(sent.transfer.id == 3)
    #expect(sent.status == .done)
    #expect(sent.count == 64)
    let received = try #require(completion(port))
    #expect(received.transfer.id == 2)
    #expect(received.data == report.map { ~$0 })
    #expect(port.failure == nil)
  }

  @Test("transfers to one endpoint are carried out in order, and long ones packet by packet")
  func order() throws {
    let port = try port()
    for id in 0..<5 as Range<UInt64> {
      let bytes = [UInt8](repeating: UInt8(id), count: id == 4 ? 100 : 64)
      #expect(port.submit(Transfer(id: id, .output(endpoint: 1, data: bytes))))
      #expect(port.submit(Transfer(id: 10 + id, .input(endpoint: 1, length: 64))))
    }
    var seen: [UInt64] = []
    while seen.count < 10, let ended = completion(port) {
      #expect(ended.status == .done)
      seen.append(ended.transfer.id)
      guard ended.transfer.id >= 10 else { continue }
      let expected = ~UInt8(ended.transfer.id - 10)
      #expect(ended.data.allSatisfy { $0 == expected })
    }
    #expect(seen.filter { $0 < 10 } == [0, 1, 2, 3, 4])
    #expect(seen.filter { $0 >= 10 } == [10, 11, 12, 13, 14])
  }

  @Test("what the device does not have is stalled, and a reset drops what was on its way")
  func refusals() throws {
    let port = try port()
    #expect(port.submit(Transfer(id: 1, .input(endpoint: 3, length: 64))))
    #expect(port.nextCompletion()?.status == .stalled)
    #expect(
      port.submit(Transfer(id: 2, .output(endpoint: 1, data: [UInt8](repeating: 0, count: 5_000)))))
    #expect(port.nextCompletion()?.status == .stalled)
    let unknown = SetupPacket(requestType: 0x80, request: 0x77, length: 4)
    #expect(port.submit(Transfer(id: 3, .control(unknown, data: []))))
    #expect(port.nextCompletion()?.status == .stalled)
    #expect(port.submit(Transfer(id: 4, .input(endpoint: 1, length: 64))))
    port.reset()
    #expect(port.nextCompletion() == nil)
    #expect(!port.cancel(4))
    // Another configuration ends what waits, and is told.
    #expect(port.submit(Transfer(id: 5, .input(endpoint: 1, length: 64))))
    let configuration = SetupPacket(requestType: 0, request: 9, value: 1)
    #expect(port.submit(Transfer(id: 6, .control(configuration, data: []))))
    #expect(port.nextCompletion()?.transfer.id == 5)
    #expect(port.nextCompletion()?.status == .done)
    #expect(port.failure == nil)
    for id in 0..<UInt64(USBDevice.Limits.transfers) {
      #expect(port.submit(Transfer(id: id, .input(endpoint: 1, length: 64))))
    }
    #expect(!port.submit(Transfer(id: 999, .input(endpoint: 1, length: 64))))
  }

  @Test("firmware that breaks a rule of the data sheet is off the bus, and the failure says which")
  func violation() throws {
    let port = try port(USBProgram.device(arm: USBProgram.armAtOnce))
    #expect(!port.isConnected)
    #expect(port.hasFailed)
    guard case .unusable(_, let reason) = port.failure else {
      Issue.record("\(String(describing: port.failure))")
      return
    }
    #expect(reason.contains("AVAILABLE"))
    port.connect()
    #expect(!port.isConnected)
  }

  @Test("a missing image is told as such")
  func missing() throws {
    let port = PicoPort(image: folder.path + "/missing")
    port.connect()
    #expect(port.failure == .notFound(place: "pico-emulated:\(folder.path)/missing"))
  }

  @Test("its button is in the control channel's hand, and its battery and time are in nobody's")
  func hands() throws {
    let port = try port()
    try port.perform(.button(.manual))
    try port.perform(.press)
    #expect(port.status.button == .manual)
    #expect(port.status.body == .emulated)
    try port.perform(.button(.never))
    #expect(throws: ControlFailure.buttonNotManual(.never)) { try port.perform(.press) }
    for request: TokenSimulator.ControlRequest in [
      .battery(present: true), .warp(Microseconds(1)), .snapshot(file: "/a"),
    ] {
      #expect(throws: ControlFailure.self) { try port.perform(request) }
    }
  }

  @Test(
    "the token's clock is lost with the cable, each time",
    .enabled(if: TokenImage.isBuilt, "\(TokenImage.absence)"))
  func clock() throws {
    let transport = TokenImage.transport()
    var session = try TokenSession(over: transport)
    _ = try session.syncClock()
    #expect(try session.clockStatus().reading != nil)
    for _ in 0..<3 {
      session.close()
      session = try TokenSession(over: transport)
      #expect(try session.clockStatus().reading == nil)
    }
    session.close()
  }
}
