import Testing
import TokenCore

@testable import VirtualUSB

@Suite("The interrupt endpoints")
struct EndpointTests {
  @Test("a transfer to the host waits for a report")
  func waiting() {
    let host = Host.configured
    #expect(!host.device.wantsInput)
    #expect(host.begin(Transfer(id: 7, .input(endpoint: 1, length: 64))))
    #expect(host.nextCompletion() == nil)
    #expect(host.device.wantsInput)
    host.device.offer(.filled(9))
    let completion = host.nextCompletion()
    #expect(completion?.transfer.id == 7)
    #expect(completion?.data == Report.filled(9).list)
    #expect(!host.device.wantsInput)
  }

  @Test("reports wait for the host in order, and those beyond the limit are dropped")
  func inputLimit() {
    let host = Host.configured
    let limit = USBDevice.Limits.inputs
    for number in 0..<limit + 10 { host.device.offer(.filled(UInt8(number % 251))) }
    for number in 0..<limit {
      let data = host.submit(.input(endpoint: 1, length: 64))?.data
      #expect(data == Report.filled(UInt8(number % 251)).list)
    }
    #expect(host.submit(.input(endpoint: 1, length: 64)) == nil)
  }

  @Test("a transfer that is taken back never ends")
  func cancel() {
    let host = Host.configured
    for id: UInt64 in 1...3 {
      #expect(host.begin(Transfer(id: id, .input(endpoint: 1, length: 64))))
    }
    #expect(host.cancel(2).map(\.id) == [2])
    #expect(host.cancel(2).isEmpty)
    for _ in 0..<3 { host.device.offer(.filled(1)) }
    var ended: [UInt64] = []
    while let completion = host.nextCompletion() { ended.append(completion.transfer.id) }
    #expect(ended == [1, 3])
    #expect(host.cancel(1).isEmpty)
  }

  @Test("a longer transfer gathers reports, and a shorter one overflows")
  func lengths() {
    let host = Host.configured
    host.device.offer(.filled(1))
    #expect(host.submit(.input(endpoint: 1, length: 128)) == nil)
    host.device.offer(.filled(2))
    #expect(host.nextCompletion()?.data == Report.filled(1).list + Report.filled(2).list)
    host.device.offer(.filled(3))
    let short = host.submit(.input(endpoint: 1, length: 10))
    #expect(short?.status == .overflowed)
    #expect(short?.data == [UInt8](repeating: 3, count: 10))
    let tooLong = USBDevice.Limits.transferLength + 1
    #expect(host.submit(.input(endpoint: 1, length: tooLong))?.status == .stalled)
    #expect(host.submit(.input(endpoint: 1, length: -1))?.status == .stalled)
  }

  @Test("a transfer from the host is cut into packets of 64 bytes")
  func packets() {
    let host = Host.configured
    let data = [UInt8](1...150)
    let completion = host.submit(.output(endpoint: 1, data: data))
    #expect(completion?.status == .done)
    #expect(completion?.count == 150)
    var got: [UInt8] = []
    while let report = host.nextOutput() { got += report.list }
    #expect(got == data + [UInt8](repeating: 0, count: 3 * 64 - 150))
    #expect(host.submit(.output(endpoint: 1, data: []))?.status == .done)
    #expect(host.nextOutput() == nil)
    let tooLong = [UInt8](repeating: 0, count: USBDevice.Limits.transferLength + 1)
    #expect(host.submit(.output(endpoint: 1, data: tooLong))?.status == .stalled)
  }

  @Test("a host that is faster than the token is held off, and loses nothing")
  func holdingOff() {
    let host = Host.configured
    let limit = USBDevice.Limits.outputs
    for number in 0..<limit {
      let report = Report.filled(UInt8(number)).list
      #expect(host.submit(.output(endpoint: 1, data: report))?.status == .done)
    }
    let late = Report.filled(0xEE).list
    #expect(host.submit(.output(endpoint: 1, data: late)) == nil)
    #expect(
      host.isStalled(SetupPacket(hid: .setReport, value: 0x0200, length: 64), data: late))
    #expect(host.nextOutput()?.list == Report.filled(0).list)
    #expect(host.nextCompletion()?.status == .done)
    var last: Report?
    while let report = host.nextOutput() { last = report }
    #expect(last?.list == late)
  }

  @Test("endpoints that are not there, and transfers without a configuration, are stalled")
  func absent() {
    let host = Host.configured
    for number: UInt8 in [0, 2, 3, 15, 0x81, 255] {
      #expect(host.submit(.input(endpoint: number, length: 64))?.status == .stalled)
      #expect(host.submit(.output(endpoint: number, data: [1]))?.status == .stalled)
    }
    let reset = Host()
    #expect(reset.submit(.input(endpoint: 1, length: 64))?.status == .stalled)
    #expect(reset.submit(.output(endpoint: 1, data: [1]))?.status == .stalled)
    reset.device.offer(.filled(1))
    #expect(!reset.device.wantsInput)
  }

  @Test("no more transfers are kept than the limit, and those that are end all the same")
  func transferLimit() {
    let host = Host.configured
    let limit = USBDevice.Limits.transfers
    for id in 0..<UInt64(limit) {
      #expect(host.begin(Transfer(id: id, .input(endpoint: 1, length: 64))))
    }
    #expect(!host.begin(Transfer(id: 999, .input(endpoint: 1, length: 64))))
    let status = SetupPacket(standard: .getStatus, length: 2)
    #expect(!host.begin(Transfer(id: 999, .control(status, data: []))))
    #expect(host.cancel(0).count == 1)
    #expect(host.answer(status) == [0, 0])
    host.device.reset()
    var cancelled = 0
    while let completion = host.nextCompletion() {
      #expect(completion.status == .cancelled)
      cancelled += 1
    }
    #expect(cancelled == limit - 1)
  }

  @Test("a reset forgets address, configuration, halts and everything on its way")
  func reset() {
    let host = Host.configured
    _ = host.control(SetupPacket(standard: .setFeature, to: .endpoint, index: 0x81))
    _ = host.submit(.output(endpoint: 1, data: initReport(nonce: 1)))
    host.device.offer(.filled(1))
    host.device.reset()
    #expect(host.device.state == .default)
    #expect(host.device.address == 0)
    #expect(host.nextOutput() == nil)
    _ = host.control(SetupPacket(standard: .setAddress, value: 1))
    _ = host.control(SetupPacket(standard: .setConfiguration, value: 1))
    #expect(
      host.answer(SetupPacket(standard: .getStatus, to: .endpoint, index: 0x81, length: 2))
        == [0, 0])
    #expect(host.submit(.input(endpoint: 1, length: 64)) == nil)
  }

  @Test("setting a configuration or an interface begins anew")
  func beginningAnew() {
    for request in [
      SetupPacket(standard: .setConfiguration, value: 1),
      SetupPacket(standard: .setInterface, to: .interface),
    ] {
      let host = Host.configured
      host.device.offer(.filled(1))
      #expect(host.answer(request) == [])
      #expect(host.begin(Transfer(id: 50, .input(endpoint: 1, length: 64))))
      #expect(host.nextCompletion() == nil)
      #expect(host.begin(Transfer(id: 51, .control(request, data: []))))
      #expect(host.nextCompletion()?.status == .cancelled)
      #expect(host.nextCompletion()?.status == .done)
    }
  }

  @Test("nothing moves on a bus that sleeps, and all of it when it wakes")
  func suspend() {
    let host = Host.configured
    #expect(host.submit(.input(endpoint: 1, length: 64)) == nil)
    host.device.suspend()
    #expect(host.device.isSuspended)
    #expect(!host.device.wantsInput)
    host.device.offer(.filled(4))
    #expect(host.nextCompletion() == nil)
    host.device.resume()
    #expect(host.nextCompletion()?.data == Report.filled(4).list)
    // Whatever the host asks for wakes the device as well.
    host.device.suspend()
    #expect(host.answer(SetupPacket(standard: .getStatus, length: 2)) == [0, 0])
    #expect(!host.device.isSuspended)
  }
}
