import Testing
import TokenCore

@testable import VirtualUSB

@Suite("Requests of the HID class")
struct HIDRequestTests {
  @Test("SET_REPORT brings a report to the token, and zeros follow a short one")
  func setReport() {
    let host = Host.configured
    let whole = initReport(nonce: 3)
    #expect(host.answer(SetupPacket(hid: .setReport, value: 0x0200, length: 64), data: whole) == [])
    #expect(
      host.answer(SetupPacket(hid: .setReport, value: 0x0200, length: 3), data: [1, 2, 3]) == [])
    #expect(host.nextOutput()?.list == whole)
    #expect(host.nextOutput()?.list == [1, 2, 3] + [UInt8](repeating: 0, count: 61))
    #expect(host.nextOutput() == nil)
  }

  @Test("a SET_REPORT that is too long, empty, numbered, or of another kind is stalled")
  func wrongSetReport() {
    let host = Host.configured
    for (value, count) in [
      (UInt16(0x0200), 65), (0x0200, 0), (0x0201, 64), (0x0100, 64), (0x0300, 64), (0x0000, 64),
    ] {
      let setup = SetupPacket(hid: .setReport, value: value, length: UInt16(count))
      #expect(host.isStalled(setup, data: [UInt8](repeating: 7, count: count)))
    }
    #expect(host.nextOutput() == nil)
  }

  @Test("GET_REPORT repeats no report, and takes none away")
  func getReport() {
    let host = Host.configured
    let get = SetupPacket(hid: .getReport, value: 0x0100, length: 64)
    #expect(host.answer(get) == [UInt8](repeating: 0, count: 64))
    host.device.offer(.filled(1))
    host.device.offer(.filled(2))
    #expect(host.submit(.input(endpoint: 1, length: 64))?.data == Report.filled(1).list)
    #expect(host.answer(get) == [UInt8](repeating: 0, count: 64))
    #expect(host.submit(.input(endpoint: 1, length: 64))?.data == Report.filled(2).list)
    for value: UInt16 in [0x0101, 0x0200, 0x0300, 0x0000] {
      #expect(host.isStalled(SetupPacket(hid: .getReport, value: value, length: 64)))
    }
  }

  @Test("reports are never repeated by themselves, so only the indefinite idle rate is taken")
  func idle() {
    let host = Host.configured
    #expect(host.answer(SetupPacket(hid: .setIdle)) == [])
    #expect(host.answer(SetupPacket(hid: .getIdle, length: 1)) == [0])
    #expect(host.isStalled(SetupPacket(hid: .setIdle, value: 0x0400)))
    #expect(host.isStalled(SetupPacket(hid: .setIdle, value: 0x0001)))
  }

  @Test("there is no boot protocol")
  func bootProtocol() {
    let host = Host.configured
    #expect(host.isStalled(SetupPacket(hid: .getProtocol, length: 1)))
    #expect(host.isStalled(SetupPacket(hid: .setProtocol, value: 1)))
  }

  @Test("they are for the interface, once there is a configuration")
  func recipients() {
    var host = Host()
    #expect(host.isStalled(SetupPacket(hid: .setIdle)))
    host = .configured
    for type: UInt8 in [0x20, 0x22, 0x23] {
      #expect(host.isStalled(SetupPacket(requestType: type, request: 10)))
    }
    #expect(host.isStalled(SetupPacket(requestType: 0x21, request: 10, index: 1)))
  }
}
