import Foundation
import Testing
import TokenCore
import TokenSimulator

@testable import VirtualUSB

@Suite("A hostile usb-guest")
struct HostileUSBRedirTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("redir") }

  /// Whether a guest that comes now has a device that answers.
  private func isWell() throws -> Bool {
    for _ in 0..<4_000 {
      let guest = Guest(try Peer(unix: path))
      // Refused while the one before is not gone yet.
      guard guest.receive(1) != nil else {
        usleep(5_000)
        continue
      }
      guard guest.configure() == 0, guest.startInterrupts() == 0 else { return false }
      guest.output(id: 1, initReport(nonce: 0x5A))
      guard let report = guest.report() else { return false }
      return isInitAnswer(report.bytes, nonce: 0x5A)
    }
    return false
  }

  @Test("whoever does not say hello first is sent away")
  func noHello() throws {
    let bus = try RunningBus.usbredir(in: folder)
    for bytes: [UInt8] in [
      [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4],
      [UInt8](repeating: 0xFF, count: 64),
    ] {
      #expect(try isWell())
      var peer = try Peer(unix: path)
      while peer.receive(80).count < 80 { peer = try Peer(unix: path) }
      peer.send(bytes)
      #expect(peer.isClosedByOther())
    }
    #expect(bus.sees(.violated(.kind(3))))
    #expect(try isWell())
    try bus.stop()
  }

  @Test("packets whose lengths lie are refused as invalid, or passed over")
  func lengths() throws {
    let bus = try RunningBus.usbredir(in: folder)
    let guest = try Guest.connected(to: path)
    #expect(guest.configure() == 0)
    // More or fewer data than the head says; a direction that is not the request's.
    for (id, body): (UInt64, [UInt8]) in [
      (1, [0, 9, 0x21, 0, 0, 2, 0, 0, 64, 0] + [1, 2, 3]),
      (2, [0x80, 6, 0x80, 0, 0, 1, 0, 0, 18, 0] + [1]),
      (3, [0x80, 9, 0x00, 0, 1, 0, 0, 0, 0, 0]), (4, [5, 6, 0x80, 0, 0, 1, 0, 0, 18, 0]),
    ] {
      guest.send(100, id: id, body)
      let reply = try #require(guest.receive(100))
      #expect(reply.id == id)
      #expect(reply.body[3] == 2)
      #expect(reply.body.count == 10)
    }
    for (id, body): (UInt64, [UInt8]) in [
      (5, [1, 0, 64, 0, 1, 2]), (6, [1, 0, 0, 0, 9]), (7, [0x81, 0, 64, 0]),
    ] {
      guest.send(103, id: id, body)
      let reply = try #require(guest.receive(103))
      #expect(reply.id == id)
      #expect(reply.body[1] == 2)
    }
    // Too short to be answered.
    for kind: UInt32 in [6, 9, 10, 12, 13, 15, 16, 18, 19, 100, 101, 103] {
      guest.send(kind, id: 8)
    }
    #expect(guest.control(id: 9, [0x80, 8, 0, 0, 0, 0, 1, 0])?.data == [1])
    try bus.stop()
  }

  @Test("what a device without bulk and isochronous endpoints cannot do is refused")
  func absentKinds() throws {
    let bus = try RunningBus.usbredir(in: folder)
    let guest = try Guest.connected(to: path)
    guest.send(101, id: 1, [2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])
    #expect(guest.receive(101)?.body == [2, 2, 0, 0, 0, 0, 0, 0, 0, 0])
    guest.send(12, id: 2, [0x83, 1, 1])
    #expect(guest.receive(14)?.body == [2, 0x83])
    guest.send(13, id: 3, [0x83])
    #expect(guest.receive(14)?.body == [2, 0x83])
    guest.send(18, id: 4, [1, 0, 0, 0, 2, 0, 0, 0])
    #expect(guest.receive(20)?.body == [1, 0, 0, 0, 2, 0, 0, 0, 2])
    guest.send(19, id: 5, [1, 0, 0, 0])
    #expect(guest.receive(20)?.body == [1, 0, 0, 0, 0, 0, 0, 0, 2])
    for endpoint: UInt8 in [0x82, 0x01, 0x80, 0xFF] {
      #expect(guest.startInterrupts(endpoint) == 2)
    }
    guest.output(id: 6, endpoint: 3, initReport(nonce: 1))
    #expect(guest.receive(103)?.body == [3, 4, 0, 0])
    // What only a host says, and what nobody knows, is passed over.
    for kind: UInt32 in [1, 2, 4, 5, 8, 11, 14, 17, 20, 24, 25, 26, 27, 102, 104, 55, 9_999] {
      guest.send(kind, id: 7, [UInt8](repeating: 1, count: 10))
    }
    #expect(guest.control(id: 8, [0x80, 0, 0, 0, 0, 0, 2, 0])?.data == [0, 0])
    try bus.stop()
  }

  @Test("a packet that is longer than any, and a second hello, end the connection")
  func violations() throws {
    let bus = try RunningBus.usbredir(in: folder)
    let first = try Guest.connected(to: path)
    first.stream.send([100, 0, 0, 0, 0, 0, 0, 0x7F, 1, 0, 0, 0, 0, 0, 0, 0])
    #expect(first.stream.isClosedByOther())
    #expect(bus.sees(.violated(.length(0x7F00_0000))))
    #expect(try isWell())
    var second = Guest(try Peer(unix: path))
    while second.receive(1) == nil { second = Guest(try Peer(unix: path)) }
    second.stream.send(
      [0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 64))
    #expect(second.stream.isClosedByOther())
    #expect(try isWell())
    try bus.stop()
  }

  @Test("a cancel storm is survived, and cancels nothing that is not the guest's")
  func cancelStorm() throws {
    let bus = try RunningBus.usbredir(in: folder)
    let guest = try Guest.connected(to: path)
    #expect(guest.configure() == 0)
    #expect(guest.startInterrupts() == 0)
    for id in 0..<5_000 { guest.send(21, id: UInt64(id)) }
    guest.send(21, id: .max)
    guest.output(id: 1, initReport(nonce: 1))
    #expect(isInitAnswer(try #require(guest.report()).bytes, nonce: 1))
    try bus.stop()
  }

  @Test("one that never reads is not kept for, and the token goes on")
  func neverReading() throws {
    let bus = try RunningBus.usbredir(in: folder)
    let guest = try Guest.connected(to: path)
    let request = guest.packet(100, id: 1, [0x80, 6, 0x80, 0, 0, 2, 0, 0, 41, 0])
    let many = Array(repeatElement(request, count: 500).joined())
    for _ in 0..<800 where !guest.stream.push(many) { break }
    let local = try Peer(unix: bus.socket)
    local.send(initReport(nonce: 1))
    #expect(isInitAnswer(local.receive(64), nonce: 1))
    try bus.stop()
  }

  /// A guest that sends 30 packets without sense, or bytes, as the seed says, and goes.
  private func rave(_ seed: UInt64) throws {
    var random = Seed(seed)
    let stream = try Peer(unix: path)
    let guest = Guest(stream)
    let kinds: [UInt32] = [3, 6, 7, 9, 10, 15, 16, 21, 22, 23, 100, 101, 103]
    for _ in 0..<30 {
      let bytes = (0..<Int.random(in: 0...120, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
      let isWild = Int.random(in: 0..<20, using: &random) == 0
      let packet = guest.packet(kind, id: .random(in: 0...5, using: &random), bytes)
      if !stream.push(isWild ? bytes : packet) { break }
      stream.drain()
    }
  }

  @Test("random bytes, and packets that are nearly right, end at most the connection")
  func randomBytes() throws {
    let bus = try RunningBus.usbredir(in: folder)
    for seed: UInt64 in 0..<150 {
      try rave(seed)
      if seed % 30 == 29 { #expect(try isWell(), "repeat with: seed \(seed)") }
    }
    try bus.stop()
  }
}
