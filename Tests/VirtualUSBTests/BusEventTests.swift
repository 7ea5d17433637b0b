import Foundation
import PasswordClient
import Testing
import TokenCore
import TokenSimulator

@testable import VirtualUSB

/// The token keeps its power through all of these. What its host has proved is gone after each, a
/// message of which half has come too, and the next host is served at once.
@Suite("Events of the bus, as each face tells the token of them")
struct BusEventTests {
  private let folder = TemporaryFolder()

  private func expectForgotten(
    _ client: PasswordClient, by another: () throws -> PasswordClient, _ comment: Comment,
    when event: () throws -> Void
  ) throws {
    try event()
    #expect(try client.list() == 0x6982, comment)
    #expect(try client.prove() == 0x9000, comment)
    client.beginMessage()
    try event()
    #expect(try another().isServed(), comment)
  }

  // MARK: USB/IP

  /// A report goes out, and the next that comes is its answer.
  private func program(
    _ peer: @escaping () -> USBIPPeer
  ) -> (send: ([UInt8]) -> Void, receive: () -> [UInt8]?) {
    var isAsked = false
    var waiting: [UInt8]?
    func ask() {
      if let report = waiting {
        let output = peer().submit(isInput: false, endpoint: 1, length: 64, data: report)
        let reply = peer().reply { _ in false }
        isAsked = reply?.number == output
      }
      waiting = nil
    }
    return (
      {
        waiting = $0
        ask()
      },
      {
        guard isAsked else { return nil }
        let input = peer().submit(isInput: true, endpoint: 1, length: 64)
        let reply = peer().reply { $0 == input }
        return reply?.status == 0 ? reply?.data : nil
      }
    )
  }

  @Test("over USB/IP")
  func usbip() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    var peer = try USBIPPeer(port)
    #expect(peer.attach() == 0)
    let (send, receive) = program { peer }
    let client = try PasswordClient(send: send, receive: receive)
    try client.secure()
    let requests: [(String, [[UInt8]])] = [
      ("SET_CONFIGURATION", [[0x00, 9, 1, 0, 0, 0, 0, 0]]),
      ("SET_CONFIGURATION 0", [[0x00, 9, 0, 0, 0, 0, 0, 0], [0x00, 9, 1, 0, 0, 0, 0, 0]]),
      ("SET_INTERFACE", [[0x01, 11, 0, 0, 0, 0, 0, 0]]),
      ("a reset of the port", [[0x23, 3, 4, 0, 0, 0, 0, 0]]),
    ]
    for (name, setups) in requests {
      try expectForgotten(
        client, by: { try PasswordClient(send: send, receive: receive) }, "\(name)",
        when: { for setup in setups { #expect(peer.control(setup) == [], "\(name)") } })
      #expect(try client.prove() == 0x9000)
    }
    try expectForgotten(
      client, by: { try PasswordClient(send: send, receive: receive) }, "another system",
      when: {
        peer.stream.hangUp()
        repeat { peer = try USBIPPeer(port) } while peer.attach() != 0
      })
    try bus.stop()
  }

  @Test("a program that leaves the socket does not end what a system proved over USB/IP")
  func socketBeside() throws {
    let (bus, port) = try RunningBus.usbip(in: folder)
    let peer = try USBIPPeer(port)
    #expect(peer.attach() == 0)
    let (send, receive) = program { peer }
    let client = try PasswordClient(send: send, receive: receive)
    try client.secure()
    do {
      let beside = try Peer(unix: bus.socket)
      beside.send(initReport(nonce: 1))
      #expect(beside.receive(64).count == 64)
    }
    // The answer came to this host as well.
    #expect(isInitAnswer(try #require(receive()), nonce: 1))
    #expect(try client.list() == 0x9000)
    try bus.stop()
  }

  // MARK: usbredir

  @Test("over usbredir")
  func usbredir() throws {
    let bus = try RunningBus.usbredir(in: folder)
    let path = folder.file("redir")
    var guest = try Guest.connected(to: path)
    #expect(guest.configure() == 0)
    #expect(guest.startInterrupts() == 0)
    let send: ([UInt8]) -> Void = { guest.output(id: 1, $0) }
    let receive: () -> [UInt8]? = { guest.report()?.bytes }
    let client = try PasswordClient(send: send, receive: receive)
    try client.secure()
    let events: [(String, () throws -> Void)] = [
      ("reset", { guest.send(3) }),
      ("set_configuration", { #expect(guest.configure() == 0) }),
      (
        "set_alt_setting",
        {
          guest.send(9, id: 5, [0, 0])
          #expect(guest.receive(11)?.body.first == 0)
        }
      ),
      (
        "another guest",
        {
          guest.stream.hangUp()
          // A second guest is turned away for as long as the first has the device.
          guest = try Guest.connected(to: path)
          while guest.configure() != 0 { guest = try Guest.connected(to: path) }
        }
      ),
    ]
    for (name, event) in events {
      try expectForgotten(
        client, by: { try PasswordClient(send: send, receive: receive) }, "\(name)",
        when: {
          try event()
          #expect(guest.startInterrupts() == 0, "\(name)")
        })
      #expect(try client.prove() == 0x9000)
    }
    try bus.stop()
  }

  // MARK: uhid

  @Test("over uhid")
  func uhid() throws {
    let kernel = Kernel()
    let end = kernel.deviceEnd
    let bus = try RunningBus(in: folder) { setting in
      UHIDDevice(
        FileDescriptor(owning: end), identity: setting.identity, onEvent: setting.onEvent)
    }
    kernel.start()
    kernel.open()
    let send: ([UInt8]) -> Void = { kernel.output([0] + $0) }
    let receive: () -> [UInt8]? = { kernel.message(12).map { Array($0.fields[2...]) } }
    let client = try PasswordClient(send: send, receive: receive)
    try client.secure()
    let events: [(String, () -> Void)] = [
      ("the last program closes it", { kernel.close() }),
      (
        "its driver lets go of it",
        {
          kernel.stop()
          kernel.start()
        }
      ),
    ]
    for (name, event) in events {
      try expectForgotten(
        client, by: { try PasswordClient(send: send, receive: receive) }, "\(name)",
        when: {
          event()
          kernel.open()
        })
      #expect(try client.prove() == 0x9000)
    }
    try bus.stop()
  }

  // MARK: The model

  @Test("the device says once that it was reset, configured or suspended")
  func model() {
    var device = Host.configured.device
    var told = [device.takeBusChange(), device.takeBusChange()]
    device.suspend()
    told.append(device.takeBusChange())
    device.resume()
    told.append(device.takeBusChange())
    device.reset()
    told += [device.takeBusChange(), device.takeBusChange()]
    #expect(told == [true, false, true, false, true, false])
  }

  @Test("a report that nobody fetched before the bus fell silent is gone when it wakes")
  func suspended() {
    let host = Host.configured
    host.device.offer(.filled(4))
    host.device.suspend()
    host.device.resume()
    #expect(host.submit(.input(endpoint: 1, length: 64)) == nil)
  }
}
