import Testing

@testable import VirtualUSB

@Suite("Standard requests")
struct StandardRequestTests {
  private let input: UInt16 = 0x81
  private let output: UInt16 = 0x01

  @Test("an address is taken up to 127, and given up with 0")
  func address() {
    let host = Host()
    #expect(host.answer(SetupPacket(standard: .setAddress, value: 127)) != nil)
    #expect(host.device.address == 127)
    #expect(host.device.state == .addressed)
    #expect(host.isStalled(SetupPacket(standard: .setAddress, value: 128)))
    #expect(host.device.address == 127)
    #expect(host.answer(SetupPacket(standard: .setAddress, value: 0)) != nil)
    #expect(host.device.state == .default)
  }

  @Test("a configuration needs an address, and there is one of them")
  func configuration() {
    let host = Host()
    let get = SetupPacket(standard: .getConfiguration, length: 1)
    #expect(host.isStalled(SetupPacket(standard: .setConfiguration, value: 1)))
    #expect(host.isStalled(get))
    _ = host.control(SetupPacket(standard: .setAddress, value: 1))
    #expect(host.answer(get) == [0])
    #expect(host.isStalled(SetupPacket(standard: .setConfiguration, value: 2)))
    #expect(host.isStalled(SetupPacket(standard: .setConfiguration, value: 0x0101)))
    #expect(host.answer(SetupPacket(standard: .setConfiguration, value: 1)) != nil)
    #expect(host.answer(get) == [1])
    #expect(host.isStalled(SetupPacket(standard: .setAddress, value: 2)))
    #expect(host.answer(SetupPacket(standard: .setConfiguration, value: 0)) != nil)
    #expect(host.answer(get) == [0])
  }

  @Test("the interface and its one setting are there when there is a configuration")
  func interface() {
    let get = SetupPacket(standard: .getInterface, to: .interface, length: 1)
    let set = SetupPacket(standard: .setInterface, to: .interface)
    let status = SetupPacket(standard: .getStatus, to: .interface, length: 2)
    var host = Host()
    for request in [get, set, status] { #expect(host.isStalled(request)) }
    host = .configured
    #expect(host.answer(get) == [0])
    #expect(host.answer(set) == [])
    #expect(host.answer(status) == [0, 0])
    for request in [get, set, status] {
      var other = request
      other.index = 1
      #expect(host.isStalled(other))
    }
    #expect(host.isStalled(SetupPacket(standard: .setInterface, to: .interface, value: 1)))
  }

  @Test("the device is powered by the bus, and wakes nobody up")
  func deviceStatus() {
    let host = Host.configured
    #expect(host.answer(SetupPacket(standard: .getStatus, length: 2)) == [0, 0])
    for feature: UInt16 in 0...3 {
      #expect(host.isStalled(SetupPacket(standard: .setFeature, value: feature)))
      #expect(host.isStalled(SetupPacket(standard: .clearFeature, value: feature)))
    }
  }

  @Test("an endpoint is halted, says so, refuses transfers, and is set free again")
  func halt() {
    let host = Host.configured
    let status = { SetupPacket(standard: .getStatus, to: .endpoint, index: $0, length: 2) }
    for endpoint in [input, output] {
      #expect(host.answer(status(endpoint)) == [0, 0])
      #expect(host.answer(SetupPacket(standard: .setFeature, to: .endpoint, index: endpoint)) == [])
      #expect(host.answer(status(endpoint)) == [1, 0])
    }
    #expect(host.submit(.output(endpoint: 1, data: initReport(nonce: 1)))?.status == .stalled)
    #expect(host.submit(.input(endpoint: 1, length: 64))?.status == .stalled)
    for endpoint in [input, output] {
      #expect(
        host.answer(SetupPacket(standard: .clearFeature, to: .endpoint, index: endpoint)) == [])
      #expect(host.answer(status(endpoint)) == [0, 0])
    }
    #expect(host.submit(.output(endpoint: 1, data: initReport(nonce: 1)))?.status == .done)
    #expect(host.nextOutput()?.list == initReport(nonce: 1))
  }

  @Test("a transfer that waits ends when its endpoint is halted")
  func haltWhileWaiting() {
    let host = Host.configured
    #expect(host.submit(.input(endpoint: 1, length: 64)) == nil)
    let halt = SetupPacket(standard: .setFeature, to: .endpoint, index: input)
    #expect(host.begin(Transfer(id: 99, .control(halt, data: []))))
    #expect(host.nextCompletion()?.status == .stalled)
    #expect(host.nextCompletion()?.status == .done)
  }

  @Test("the control endpoint is never halted, and endpoints that are not there have no status")
  func otherEndpoints() {
    let host = Host.configured
    for index: UInt16 in [0, 0x80] {
      #expect(
        host.answer(SetupPacket(standard: .getStatus, to: .endpoint, index: index, length: 2))
          == [0, 0])
      #expect(host.isStalled(SetupPacket(standard: .setFeature, to: .endpoint, index: index)))
      #expect(host.answer(SetupPacket(standard: .clearFeature, to: .endpoint, index: index)) == [])
    }
    for index: UInt16 in [2, 0x82, 0x0F, 0x41, 0x0101, 0xFFFF] {
      #expect(
        host.isStalled(SetupPacket(standard: .getStatus, to: .endpoint, index: index, length: 2)))
    }
    let unconfigured = Host()
    #expect(
      unconfigured.isStalled(
        SetupPacket(standard: .getStatus, to: .endpoint, index: input, length: 2)))
  }

  @Test("a request in the wrong direction, with a wrong length, or unknown, is stalled")
  func malformed() {
    let host = Host.configured
    #expect(host.isStalled(SetupPacket(requestType: 0x80, request: 9, value: 1)))
    #expect(host.isStalled(SetupPacket(requestType: 0x00, request: 6, value: 0x0100)))
    // Data that the setup packet does not announce, or fewer than it does.
    #expect(host.isStalled(SetupPacket(standard: .setConfiguration, value: 1), data: [1]))
    #expect(
      host.isStalled(SetupPacket(requestType: 0x21, request: 9, value: 0x0200, length: 64)))
    for request: UInt8 in [2, 4, 7, 12, 48, 255] {
      for direction: UInt8 in [0x00, 0x80] {
        #expect(host.isStalled(SetupPacket(requestType: direction, request: request)))
      }
    }
    for type: UInt8 in [0x40, 0xC0, 0x60, 0xE0, 0x03, 0x83, 0x1F, 0x9F] {
      #expect(host.isStalled(SetupPacket(requestType: type, request: 6, value: 0x0100)))
    }
  }
}
