import Glibc
import Testing
import TokenClient
import TokenCore

@testable import HIDAPITransport

@Suite("A token on USB")
struct HIDAPITransportTests {
  private let bench = BenchOfDevices()
  private let place = "usb:00c0ffee00c0ffee"

  private func opened() throws -> (transport: HIDAPITransport, device: ScriptedDevice) {
    let device = bench.plug(.token())
    let transport = HIDAPITransport(.only, on: bench)
    try transport.open()
    return (transport, device)
  }

  // MARK: Reports

  @Test("a report is written as 65 bytes, the report id 0 first")
  func writing() throws {
    let (transport, device) = try opened()
    var report = Report()
    for index in 0..<64 { report.bytes[index] = UInt8(0xFF - index) }
    try transport.write(report)
    #expect(device.written == [[0] + report.array])
  }

  @Test("a report is read as 64 bytes, without a report id")
  func reading() throws {
    let (transport, device) = try opened()
    let bytes = (0..<64).map { UInt8($0) }
    device.incoming = [.report(bytes)]
    #expect(try transport.read(before: .now)?.array == bytes)
    #expect(try transport.read(before: .now) == nil)
  }

  @Test("a read that has no deadline waits for ever, one whose deadline passed does not wait")
  func waiting() throws {
    let (transport, device) = try opened()
    device.incoming = [.report(Report().array)]
    _ = try transport.read(before: .never)
    _ = try transport.read(before: .now)
    #expect(device.waits == [-1, 0])
  }

  @Test("reports that came while others were written are delivered, in order, none lost")
  func backlog() throws {
    let (transport, device) = try opened()
    device.afterWrite = { device in
      device.incoming.append(.report(Report(filledWith: UInt8(device.written.count)).array))
    }
    for _ in 0..<100 { try transport.write(Report()) }
    for number in 1...100 {
      #expect(try transport.read(before: .now)?.bytes[0] == UInt8(number))
    }
    #expect(try transport.read(before: .now) == nil)
  }

  @Test("what has piled up from others' traffic is taken off the system before a report is written")
  func draining() throws {
    let (transport, device) = try opened()
    device.incoming = Array(repeating: .report(Report(filledWith: 1).array), count: 64)
    try transport.write(Report())
    #expect(device.incoming.isEmpty)
  }

  @Test("a device that babbles does not keep a report from being written, nor fills the memory")
  func babbling() throws {
    let (transport, device) = try opened()
    for round in 0..<100 {
      device.incoming = Array(repeating: .report(Report(filledWith: 1).array), count: 1000)
      try transport.write(Report())
      #expect(device.written.count == round + 1)
    }
    device.incoming = []
    var kept = 0
    while try transport.read(before: .now) != nil { kept += 1 }
    #expect(kept <= 256)
  }

  @Test("closing forgets what has not been read")
  func closing() throws {
    let (transport, device) = try opened()
    device.incoming = [.report(Report(filledWith: 1).array)]
    try transport.write(Report())
    transport.close()
    #expect(device.isClosed)
    try transport.open()
    #expect(try transport.read(before: .now) == nil)
  }

  @Test(
    "a device whose reports have another size is refused as no token", arguments: [1, 63, 65, 200])
  func sizes(_ size: Int) throws {
    let (transport, device) = try opened()
    device.incoming = [.report([UInt8](repeating: 0, count: size))]
    let failure = #expect(throws: TransportFailure.self) { try transport.read(before: .now) }
    guard case .unusable = failure else { throw Unexpected(failure) }
  }

  @Test("a device that takes less than a report is refused")
  func shortWrite() throws {
    let (transport, device) = try opened()
    device.taken = 9
    let failure = #expect(throws: TransportFailure.self) { try transport.write(Report()) }
    guard case .unusable = failure else { throw Unexpected(failure) }
  }

  // MARK: Failing transfers

  @Test("a signal interrupts no transfer")
  func interrupted() throws {
    let (transport, device) = try opened()
    device.writeFailures = [EINTR, EINTR]
    try transport.write(Report())
    #expect(device.written.count == 1)
    device.incoming = [.failure(EINTR), .report(Report(filledWith: 7).array)]
    #expect(try transport.read(before: .never)?.bytes[0] == 7)
  }

  @Test(
    "a cable that was pulled is told at once, whatever the transfer ends with",
    arguments: [ENODEV, ENXIO, EIO, ESHUTDOWN, EPROTO, EILSEQ])
  func pulled(_ error: Int32) throws {
    let (transport, device) = try opened()
    device.incoming = [.failure(error)]
    #expect(throws: TransportFailure.vanished(place: place)) {
      try transport.read(before: .never)
    }
    device.incoming = []
    device.writeFailures = [error]
    #expect(throws: TransportFailure.vanished(place: place)) { try transport.write(Report()) }
  }

  @Test("a failure that the library does not explain is a vanished token if its node is gone")
  func unexplained() throws {
    let (transport, device) = try opened()
    device.incoming = [.failure(nil)]
    bench.unplug("/dev/hidraw0")
    #expect(throws: TransportFailure.vanished(place: place)) {
      try transport.read(before: .never)
    }
  }

  @Test("a failure of a token that stays where it is keeps its reason")
  func failing() throws {
    let (transport, device) = try opened()
    device.incoming = [.failure(EPIPE)]
    #expect(throws: TransportFailure.system(place: place, operation: "reading", error: EPIPE)) {
      try transport.read(before: .never)
    }
  }

  @Test("a transport that is not open has no token")
  func notOpen() {
    let transport = HIDAPITransport(.only, on: bench)
    #expect(throws: TransportFailure.vanished(place: "usb")) { try transport.write(Report()) }
    #expect(throws: TransportFailure.vanished(place: "usb")) {
      try transport.read(before: .never)
    }
  }
}

/// A failure that is not the expected one.
struct Unexpected: Error {
  let failure: TransportFailure?
  init(_ failure: TransportFailure?) { self.failure = failure }
}
