import Foundation
import Testing
import TokenCore
import TokenSimulator

@testable import VirtualUSB

@Suite("A hostile client of USB/IP")
struct HostileUSBIPTests {
  private let folder = TemporaryFolder()

  /// Whether the server still lends a device that answers.
  private func isWell(_ port: UInt16) throws -> Bool {
    // The one before may not be gone yet.
    for _ in 0..<4_000 {
      let client = try USBIPPeer(port)
      guard client.attach() == 0 else {
        usleep(5_000)
        continue
      }
      guard let answer = client.exchange(initReport(nonce: 0x5A)) else { return false }
      return isInitAnswer(answer, nonce: 0x5A)
    }
    return false
  }

  @Test("whoever says what is no operation is told so, and sent away")
  func wrongOperations() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    for request: [UInt8] in [
      [0x01, 0x00, 0x80, 0x05, 0, 0, 0, 0], [0x01, 0x11, 0x12, 0x34, 0, 0, 0, 0],
      [UInt8](repeating: 0xFF, count: 48), Array("GET / HTTP/1.1\r\n\r\n".utf8),
    ] {
      let client = try USBIPPeer(port)
      client.stream.send(request)
      #expect(client.stream.receive(8).count == 8)
      #expect(client.stream.isClosedByOther())
    }
    #expect(bus.sees(.violated(.version(0x0100))))
    #expect(bus.sees(.violated(.kind(0x1234))))
    #expect(try isWell(port))
    try bus.stop()
  }

  @Test("a request that is none ends the connection, and the device is free again")
  func wrongRequests() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    let device: UInt32 = 0x0001_0001
    let requests: [[UInt8]] = [
      // Of an unknown kind, for another device, longer than anything, in no direction, to no endpoint.
      [0, 0, 0, 9] + [UInt8](repeating: 0, count: 44),
      USBIPPeer.submit(number: 1, device: 77, isInput: true, endpoint: 1, length: 64),
      USBIPPeer.submit(number: 1, device: device, isInput: false, endpoint: 1, length: .max),
      USBIPPeer.submit(number: 1, device: device, isInput: true, endpoint: 1, length: 1 << 24),
      USBIPPeer.submit(number: 1, device: device, isInput: true, endpoint: 16, length: 64),
      USBIPPeer.unlink(number: 1, device: 0, target: 0),
    ]
    for request in requests {
      #expect(try isWell(port))
      let client = try USBIPPeer(port)
      while client.attach() != 0 { usleep(5_000) }
      client.stream.send(request)
      #expect(client.stream.isClosedByOther())
    }
    #expect(try isWell(port))
    try bus.stop()
  }

  @Test("oversized and short transfers are stalled or padded, and the connection stays")
  func sizes() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    let client = try USBIPPeer(port)
    #expect(client.attach() == 0)
    for size in [4_097, 20_000, 65_535] {
      client.submit(
        isInput: false, endpoint: 1, length: size, data: [UInt8](repeating: 1, count: size))
      #expect(client.reply(isInput: { _ in false })?.status == -32)
      client.submit(isInput: true, endpoint: 1, length: size)
      #expect(client.reply(isInput: { _ in true })?.status == -32)
      // A control transfer with data that its setup packet does not announce.
      client.submit(
        isInput: false, endpoint: 0, length: size, setup: [0x21, 9, 0, 2, 0, 0, 64, 0],
        data: [UInt8](repeating: 1, count: size))
      #expect(client.reply(isInput: { _ in false })?.status == -32)
    }
    // One whose directions disagree.
    client.submit(isInput: true, endpoint: 0, length: 8, setup: [0x00, 9, 1, 0, 0, 0, 8, 0])
    #expect(client.reply(isInput: { _ in true })?.status == -32)
    client.submit(
      isInput: false, endpoint: 0, length: 18, setup: [0x80, 6, 0, 1, 0, 0, 18, 0],
      data: [UInt8](repeating: 0, count: 18))
    #expect(client.reply(isInput: { _ in false })?.status == -32)
    // A request for fewer bytes than the setup packet asks for gets no more than it has room for.
    client.submit(isInput: true, endpoint: 0, length: 4, setup: [0x80, 6, 0, 1, 0, 0, 18, 0])
    #expect(client.reply(isInput: { _ in true })?.data.count == 4)
    #expect(client.exchange(initReport(nonce: 1)) != nil)
    try bus.stop()
  }

  @Test(
    "more waiting transfers than there is room for are refused, and an unlink storm is answered")
  func unlinkStorm() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    let client = try USBIPPeer(port)
    #expect(client.attach() == 0)
    let limit = USBDevice.Limits.transfers
    var numbers: [UInt32] = []
    for _ in 0..<limit + 20 {
      numbers.append(client.submit(isInput: true, endpoint: 1, length: 64))
    }
    for _ in 0..<20 { #expect(client.reply(isInput: { _ in true })?.status == -12) }
    var cancelled = 0
    for round in 0..<10 {
      for number in numbers { client.unlink(number) }
      for _ in numbers {
        let reply = try #require(client.reply(isInput: { _ in false }))
        #expect(reply.command == 4)
        #expect(round == 0 || reply.status == 0)
        if reply.status == -104 { cancelled += 1 }
      }
    }
    #expect(cancelled == limit)
    #expect(client.exchange(initReport(nonce: 1)) != nil)
    try bus.stop()
  }

  @Test("one that takes address and configuration from the device leaves none of it behind")
  func lostAddress() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    var client: USBIPPeer? = try USBIPPeer(port)
    #expect(client?.attach() == 0)
    #expect(client?.control([0x00, 9, 0, 0, 0, 0, 0, 0]) == [])
    #expect(client?.control([0x00, 5, 0, 0, 0, 0, 0, 0]) == [])
    #expect(client?.control([0x00, 9, 1, 0, 0, 0, 0, 0]) == nil)
    #expect(client?.control([0x80, 6, 0, 1, 0, 0, 18, 0])?.count == 18)
    client = nil
    #expect(try isWell(port))
    try bus.stop()
  }

  @Test("one that never reads its replies keeps nobody else waiting")
  func neverReading() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    let deaf = try USBIPPeer(port)
    #expect(deaf.attach() == 0)
    let request = USBIPPeer.submit(
      number: 1, device: deaf.device, isInput: true, endpoint: 0, length: 41,
      setup: [0x80, 6, 0, 2, 0, 0, 41, 0])
    // 40 MB of replies, if they were all kept.
    let many = Array(repeatElement(request, count: 500).joined())
    for _ in 0..<800 where !deaf.stream.push(many) { break }
    let other = try USBIPPeer(port)
    #expect(other.list()?.count == 1)
    #expect(other.attach() == 2)
    _ = try bus.control.perform(.status)
    try bus.stop()
  }

  @Test("clients that connect and say nothing make room for those that do")
  func silentClients() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    let owner = try USBIPPeer(port)
    #expect(owner.attach() == 0)
    var silent: [USBIPPeer] = []
    for _ in 0..<3 * USBIPServer.clientLimit {
      silent.append(try USBIPPeer(port))
      if silent.count % 8 == 0 { #expect(owner.exchange(initReport(nonce: 1)) != nil) }
    }
    #expect(try #require(silent.last).list()?.count == 1)
    #expect(silent[0].stream.isClosedByOther())
    #expect(owner.exchange(initReport(nonce: 2)) != nil)
    try bus.stop()
  }

  /// A client that sends 20 requests without sense, or bytes, as the seed says, and goes; every other
  /// one has attached the device.
  private func rave(_ seed: UInt64, _ port: UInt16) throws {
    var random = Seed(seed)
    let client = try USBIPPeer(port)
    if seed % 2 == 1 {
      while client.attach() != 0 { usleep(2_000) }
    }
    for _ in 0..<20 {
      var bytes = (0..<Int.random(in: 1...200, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      if Bool.random(using: &random) {
        // A request that is nearly right.
        bytes = USBIPPeer.submit(
          number: .random(in: 0...9, using: &random), device: client.device,
          isInput: .random(using: &random), endpoint: .random(in: 0...2, using: &random),
          length: .random(in: 0...300, using: &random),
          setup: (0..<8).map { _ in UInt8.random(in: 0...33, using: &random) }, data: bytes)
      }
      if !client.stream.push(bytes) { break }
      client.stream.drain()
    }
  }

  @Test("random bytes before an import, and after one, end at most the connection")
  func randomBytes() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    for seed: UInt64 in 0..<150 {
      try rave(seed, port)
      if seed % 10 == 9 { #expect(try isWell(port), "repeat with: seed \(seed)") }
    }
    try bus.stop()
  }
}
