import Foundation
import Testing
import TokenCore
import TokenSimulator

@testable import VirtualUSB

@Suite("The device over usbredir")
struct USBRedirTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("redir") }

  @Test("it greets, describes its endpoints, then its interfaces, then connects")
  func greeting() throws {
    let bus = try RunningBus.usbredir(in: folder)
    let guest = Guest(try Peer(unix: path))
    let hello = try #require(guest.receive())
    #expect(hello.kind == 0)
    #expect(Guest.number(hello.body, at: 64) == 1 << 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6)
    let endpoints = try #require(guest.receive())
    #expect(endpoints.kind == 5)
    #expect(endpoints.body.count == 160)
    for (number, type) in endpoints.body.prefix(32).enumerated() {
      let expected: UInt8 = [0: 0, 16: 0, 1: 3, 17: 3][number] ?? 255
      #expect(type == expected)
    }
    #expect(endpoints.body[32 + 1] == 1)
    #expect(endpoints.body[32 + 17] == 1)
    #expect(endpoints.body[96 + 2 * 17] == 64)
    let interfaces = try #require(guest.receive())
    #expect(interfaces.kind == 4)
    #expect(interfaces.body.count == 132)
    #expect(Guest.number(interfaces.body, at: 0) == 1)
    #expect(interfaces.body[36] == 3)
    let connect = try #require(guest.receive())
    #expect(connect.kind == 1)
    #expect(connect.body == [1, 0, 0, 0, 0x09, 0x12, 0x01, 0x00, 0x00, 0x01])
    #expect(bus.sees(.attached))
    try bus.stop()
    #expect(guest.stream.isClosedByOther())
  }

  @Test("a guest without capabilities gets the packets of the first version")
  func oldGuest() throws {
    let bus = try RunningBus.usbredir(in: folder)
    let guest = Guest(try Peer(unix: path), capabilities: [])
    #expect(guest.receive(5)?.body.count == 96)
    #expect(guest.receive(1)?.body.count == 8)
    #expect(guest.control(id: 7, [0x80, 6, 0, 1, 0, 0, 18, 0])?.data.count == 18)
    try bus.stop()
  }

  @Test("a guest reads descriptors, receives, and talks to the token")
  func exchange() throws {
    let bus = try RunningBus.usbredir(in: folder)
    let guest = try Guest.connected(to: path)
    guest.send(3)
    #expect(guest.control(id: 1, [0x80, 6, 0, 2, 0, 0, 255, 0])?.data.count == 41)
    let qualifier = try #require(guest.control(id: 1 << 40, [0x80, 6, 0, 6, 0, 0, 10, 0]))
    #expect(qualifier == (4, []))
    #expect(guest.configure() == 0)
    #expect(guest.startInterrupts() == 0)
    for nonce: UInt8 in 0..<50 {
      guest.output(id: 1_000 + UInt64(nonce), initReport(nonce: nonce))
      let done = try #require(guest.receive(103))
      #expect(done.id == 1_000 + UInt64(nonce))
      #expect(done.body == [1, 0, 64, 0])
      let report = try #require(guest.report())
      #expect(report.id == UInt64(nonce))
      #expect(isInitAnswer(report.bytes, nonce: nonce))
    }
    try bus.stop()
  }

  @Test("a configuration is described before it is confirmed, and a wrong one is refused")
  func configuration() throws {
    let bus = try RunningBus.usbredir(in: folder)
    let guest = try Guest.connected(to: path)
    guest.send(6, id: 5, [0])
    let endpoints = try #require(guest.receive())
    #expect(endpoints.kind == 5)
    #expect(endpoints.body[1] == 255)
    #expect(guest.receive()?.kind == 4)
    #expect(guest.receive() == Guest.Packet(kind: 8, id: 5, body: [0, 0]))
    guest.send(7, id: 6)
    #expect(guest.receive() == Guest.Packet(kind: 8, id: 6, body: [0, 0]))
    #expect(guest.startInterrupts() == 2)
    guest.send(6, id: 7, [9])
    #expect(guest.receive() == Guest.Packet(kind: 8, id: 7, body: [4, 0]))
    #expect(guest.configure() == 0)
    guest.send(7, id: 8)
    #expect(guest.receive() == Guest.Packet(kind: 8, id: 8, body: [0, 1]))
    guest.send(9, id: 9, [0, 0])
    #expect(guest.receive(11) == Guest.Packet(kind: 11, id: 9, body: [0, 0, 0]))
    guest.send(9, id: 10, [0, 1])
    #expect(guest.receive(11)?.body == [4, 0, 0])
    guest.send(10, id: 11, [0])
    #expect(guest.receive(11) == Guest.Packet(kind: 11, id: 11, body: [0, 0, 0]))
    guest.send(10, id: 12, [3])
    #expect(guest.receive(11)?.body.first == 4)
    try bus.stop()
  }

  @Test("receiving goes on over a reset, and stops when the guest says so")
  func receiving() throws {
    let bus = try RunningBus.usbredir(in: folder)
    let guest = try Guest.connected(to: path)
    #expect(guest.configure() == 0)
    #expect(guest.startInterrupts() == 0)
    #expect(guest.startInterrupts() == 0)
    guest.send(3)
    guest.output(id: 1, initReport(nonce: 1))
    #expect(isInitAnswer(try #require(guest.report()).bytes, nonce: 1))
    guest.send(16, [0x81])
    #expect(guest.receive(17)?.body == [0, 0x81])
    guest.output(id: 2, initReport(nonce: 2))
    #expect(guest.receive(103)?.id == 2)
    // Begun anew, the reports are counted anew; the one before was dropped or waits.
    #expect(guest.startInterrupts() == 0)
    guest.output(id: 3, initReport(nonce: 3))
    var report = try #require(guest.report())
    #expect(report.id == 0)
    if report.bytes[7] == 2 { report = try #require(guest.report()) }
    #expect(isInitAnswer(report.bytes, nonce: 3))
    try bus.stop()
  }

  @Test("a halted endpoint stops the receiving, and is told as a stall")
  func halt() throws {
    let bus = try RunningBus.usbredir(in: folder)
    let guest = try Guest.connected(to: path)
    #expect(guest.configure() == 0)
    #expect(guest.startInterrupts() == 0)
    guest.send(100, id: 5, [0, 3, 2, 0, 0, 0, 0x81, 0, 0, 0])
    #expect(guest.receive() == Guest.Packet(kind: 17, id: 0, body: [4, 0x81]))
    #expect(guest.receive()?.kind == 100)
    #expect(guest.control(id: 6, [2, 1, 0, 0, 0x81, 0, 0, 0])?.status == 0)
    #expect(guest.startInterrupts() == 0)
    guest.output(id: 7, initReport(nonce: 7))
    #expect(guest.report() != nil)
    try bus.stop()
  }

  @Test("an unplugged token disconnects its device, and connects it again on the same connection")
  func cable() throws {
    let bus = try RunningBus.usbredir(in: folder)
    let guest = try Guest.connected(to: path)
    #expect(guest.configure() == 0)
    #expect(guest.startInterrupts() == 0)
    try bus.control.perform(.unplug)
    #expect(guest.receive()?.kind == 2)
    // What the guest sent before it knew is for nobody, and an answer to it would be for no endpoint.
    guest.send(100, id: 3, [0x80, 6, 0x80, 0, 0, 1, 0, 0, 18, 0])
    guest.send(6, id: 900, [1])
    guest.send(15, [0x81])
    guest.output(id: 4, initReport(nonce: 4))
    try bus.control.perform(.plug)
    // Ids are the guest's; only those of the device that it knows now come back.
    #expect(guest.receive()?.kind == 5)
    #expect(guest.receive()?.kind == 4)
    #expect(guest.receive()?.kind == 1)
    #expect(guest.configure() == 0)
    #expect(guest.startInterrupts() == 0)
    guest.output(id: 5, initReport(nonce: 5))
    #expect(isInitAnswer(try #require(guest.report()).bytes, nonce: 5))
    try bus.stop()
  }

  @Test("a guest that confirms hears of the next device only when it has let go of the last")
  func acknowledgement() throws {
    let bus = try RunningBus.usbredir(in: folder)
    let guest = try Guest.connected(to: path, capabilities: [1, 2, 3, 4, 5, 6, 7])
    #expect(guest.configure() == 0)
    #expect(guest.startInterrupts() == 0)
    for round in 0..<20 as Range<UInt8> {
      // As fast as hands never are: the guest still talks to the device before.
      try bus.control.perform(.unplug)
      try bus.control.perform(.plug)
      guest.output(id: 4, initReport(nonce: 200))
      guest.send(100, id: 5, [0x80, 6, 0x80, 0, 0, 1, 0, 0, 18, 0])
      #expect(guest.receive()?.kind == 2)
      guest.output(id: 6, initReport(nonce: 201))
      guest.send(24)
      #expect(guest.receive()?.kind == 5)
      #expect(guest.receive()?.kind == 4)
      #expect(guest.receive()?.kind == 1)
      #expect(guest.configure() == 0)
      #expect(guest.startInterrupts() == 0)
      guest.output(id: 7, initReport(nonce: round))
      #expect(guest.receive(103)?.id == 7)
      #expect(isInitAnswer(try #require(guest.report()).bytes, nonce: round))
    }
    // One that nobody waits for means nothing.
    guest.send(24)
    #expect(guest.control(id: 8, [0x80, 8, 0, 0, 0, 0, 1, 0])?.data == [1])
    try bus.stop()
  }

  @Test("there is one guest at a time, and the next when that one is gone")
  func oneAtATime() throws {
    let bus = try RunningBus.usbredir(in: folder)
    var first: Guest? = try Guest.connected(to: path)
    #expect(first?.configure() == 0)
    let second = Guest(try Peer(unix: path))
    #expect(second.stream.isClosedByOther())
    #expect(bus.sees(.refusedSecondHost))
    first = nil
    #expect(bus.sees(.released))
    let third = try Guest.connected(to: path)
    #expect(third.control(id: 1, [0x80, 8, 0, 0, 0, 0, 1, 0])?.data == [1])
    try bus.stop()
  }

  @Test("it connects to a guest that listens, also when that one comes later, or comes back")
  func connecting() throws {
    let path = folder.file("qemu")
    let bus = try RunningBus(in: folder) { setting in
      try USBRedirServer(
        .connecting(to: path), identity: setting.identity, onEvent: setting.onEvent)
    }
    for nonce: UInt8 in 1...2 {
      let listener = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      unlink(path)
      let status = Peer.withAddress(path) { bind(listener, $0, $1) }
      #expect(status == 0 && listen(listener, 1) == 0)
      let guest = Guest(Peer(owning: accept(listener, nil, nil)))
      close(listener)
      #expect(guest.receive(1) != nil)
      #expect(guest.configure() == 0)
      #expect(guest.startInterrupts() == 0)
      guest.output(id: 1, initReport(nonce: nonce))
      #expect(isInitAnswer(try #require(guest.report()).bytes, nonce: nonce))
    }
    try bus.stop()
  }

  @Test("its socket is this user's alone, and gone when it stops")
  func socketFile() throws {
    let bus = try RunningBus.usbredir(in: folder)
    #expect(permissions(path) == 0o600)
    try bus.stop()
    #expect(folder.names.isEmpty)
  }

  @Test("a guest whose filter refuses the device is told of")
  func filter() throws {
    let bus = try RunningBus.usbredir(in: folder)
    let guest = try Guest.connected(to: path)
    guest.send(23, Array("-1,-1,-1,-1,0\0".utf8))
    guest.send(22)
    #expect(bus.sees(.filtered))
    try bus.stop()
  }
}
