import Foundation
import Testing
import TokenCore
import TokenSimulator

@testable import VirtualUSB

@Suite("The device over USB/IP")
struct USBIPTests {
  private let folder = TemporaryFolder()

  @Test("the list shows one device of full speed, and what it is")
  func list() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    let client = try USBIPPeer(port)
    let (count, device) = try #require(client.list())
    #expect(count == 1)
    #expect(device[256..<260] == [0x31, 0x2D, 0x31, 0])
    #expect(USBIPPeer.number(device, at: 296) == 2)
    #expect(device[300..<304] == [0x12, 0x09, 0x00, 0x01])
    // One configuration, one interface, which is HID.
    #expect(device[310..<312] == [1, 1])
    #expect(device[312...] == [3, 0, 0, 0])
    try bus.stop()
  }

  @Test("a system that has attached it reads its descriptors and talks to the token")
  func attach() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    let client = try USBIPPeer(port)
    #expect(client.attach() == 0)
    #expect(bus.sees(.attached))
    let descriptor = try #require(client.control([0x80, 6, 0, 1, 0, 0, 18, 0]))
    #expect(descriptor.count == 18)
    #expect(client.control([0x80, 6, 0, 6, 0, 0, 10, 0]) == nil)
    #expect(client.control([0x00, 9, 1, 0, 0, 0, 0, 0]) == [])
    for nonce: UInt8 in 1...50 {
      #expect(isInitAnswer(try #require(client.exchange(initReport(nonce: nonce))), nonce: nonce))
    }
    try bus.stop()
    #expect(client.stream.isClosedByOther())
  }

  @Test("a message of many reports gets an answer of many reports")
  func longMessage() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    let client = try USBIPPeer(port)
    #expect(client.attach() == 0)
    let answer = try #require(client.exchange(initReport(nonce: 1)))
    let channel = answer[15..<19].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    // PING with as much as there can be, all of it in transfers that were sent at once.
    let size = FramingLimits.messageSize
    let message = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
    var first = packet(channel: channel, command: 1, Array(message.prefix(57)))
    first[5] = UInt8(size >> 8)
    first[6] = UInt8(size & 0xFF)
    var inputs: Set<UInt32> = []
    for _ in 0..<140 { inputs.insert(client.submit(isInput: true, endpoint: 1, length: 64)) }
    client.submit(isInput: false, endpoint: 1, length: 64, data: first)
    var sequence: UInt8 = 0
    var rest = message.dropFirst(57)
    while !rest.isEmpty {
      let part = Array(rest.prefix(59))
      rest = rest.dropFirst(59)
      let report = first[0..<4] + [sequence] + part + [UInt8](repeating: 0, count: 59 - part.count)
      client.submit(isInput: false, endpoint: 1, length: 64, data: Array(report))
      sequence += 1
    }
    var echoed: [UInt8] = []
    while echoed.count < size {
      let reply = try #require(client.reply(isInput: inputs.contains))
      guard inputs.contains(reply.number) else { continue }
      echoed += reply.data.dropFirst(echoed.isEmpty ? 7 : 5)
    }
    #expect(Array(echoed.prefix(size)) == message)
    try bus.stop()
  }

  @Test("one system has it at a time, and the next when that one is gone")
  func oneAtATime() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    var first: USBIPPeer? = try USBIPPeer(port)
    let second = try USBIPPeer(port)
    #expect(first?.attach() == 0)
    #expect(second.attach() == 2)
    #expect(bus.sees(.refusedSecondHost))
    #expect(second.attach(busID: "1-2") == 4)
    first = nil
    #expect(bus.sees(.released))
    #expect(second.attach() == 0)
    #expect(second.exchange(initReport(nonce: 1)) != nil)
    try bus.stop()
  }

  @Test("a request that waits is unlinked, and nothing follows under its number")
  func unlink() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    let client = try USBIPPeer(port)
    #expect(client.attach() == 0)
    let waiting = client.submit(isInput: true, endpoint: 1, length: 64)
    let unlink = client.unlink(waiting)
    #expect(
      client.reply(isInput: { _ in false })
        == USBIPPeer.Reply(command: 4, number: unlink, status: -104, count: 0, data: []))
    #expect(isInitAnswer(try #require(client.exchange(initReport(nonce: 5))), nonce: 5))
    // What has ended cannot be unlinked, and is answered all the same.
    let late = client.unlink(waiting)
    #expect(
      client.reply(isInput: { _ in false })
        == USBIPPeer.Reply(command: 4, number: late, status: 0, count: 0, data: []))
    try bus.stop()
  }

  @Test("an unplugged token takes its device away, and brings it back")
  func cable() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    let client = try USBIPPeer(port)
    #expect(client.attach() == 0)
    client.submit(isInput: true, endpoint: 1, length: 64)
    try bus.control.perform(.unplug)
    #expect(client.stream.isClosedByOther())
    #expect(bus.events.last == .unplugged)
    let next = try USBIPPeer(port)
    #expect(next.list()?.count == 0)
    #expect(next.attach() == 4)
    try bus.control.perform(.plug)
    #expect(next.list()?.count == 1)
    #expect(next.attach() == 0)
    #expect(isInitAnswer(try #require(next.exchange(initReport(nonce: 2))), nonce: 2))
    try bus.stop()
  }

  @Test("a restored token was off its cable for a moment")
  func restore() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    let client = try USBIPPeer(port)
    #expect(client.attach() == 0)
    let snapshot = folder.file("snapshot")
    try bus.control.perform(.snapshot(file: snapshot))
    #expect(client.exchange(initReport(nonce: 1)) != nil)
    try bus.control.perform(.restore(file: snapshot))
    #expect(client.stream.isClosedByOther())
    let next = try USBIPPeer(port)
    #expect(next.attach() == 0)
    try bus.stop()
  }

  @Test("a program at the simulator's socket and a USB host use one token")
  func together() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    let client = try USBIPPeer(port)
    #expect(client.attach() == 0)
    let local = try Peer(unix: bus.socket)
    for nonce: UInt8 in 1...10 {
      local.send(initReport(nonce: nonce))
      #expect(isInitAnswer(local.receive(64), nonce: nonce))
      // What went to the socket goes to the bus as well, and comes first.
      let input = client.submit(isInput: true, endpoint: 1, length: 64)
      let reply = try #require(client.reply(isInput: { $0 == input }))
      #expect(isInitAnswer(reply.data, nonce: nonce))
      let answer = try #require(client.exchange(initReport(nonce: 100 + nonce)))
      #expect(isInitAnswer(answer, nonce: 100 + nonce))
      #expect(isInitAnswer(local.receive(64), nonce: 100 + nonce))
    }
    try bus.stop()
  }

  @Test("requests to endpoints that are not there are stalled", arguments: [2, 7, 15])
  func wrongEndpoints(endpoint: UInt32) throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    let client = try USBIPPeer(port)
    #expect(client.attach() == 0)
    for isInput in [true, false] {
      let data: [UInt8] = isInput ? [] : [1, 2, 3]
      client.submit(isInput: isInput, endpoint: endpoint, length: 3, data: data)
      #expect(client.reply(isInput: { _ in isInput })?.status == -32)
    }
    #expect(client.exchange(initReport(nonce: 1)) != nil)
    try bus.stop()
  }
}
