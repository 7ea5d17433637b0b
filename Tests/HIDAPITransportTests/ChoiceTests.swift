import Glibc
import Testing
import TokenClient
import TokenCore

@testable import HIDAPITransport

@Suite("Choosing and opening a token on USB")
struct ChoiceTests {
  private let bench = BenchOfDevices()

  private func failure(_ selection: HIDAPITransport.Selection) -> TransportFailure? {
    #expect(throws: TransportFailure.self) {
      try HIDAPITransport(selection, on: bench).open()
    }
  }

  @Test("the only token there is needs no serial number, and tells its own")
  func only() throws {
    bench.plug(.token("0a"))
    let transport = HIDAPITransport(.only, on: bench)
    #expect(transport.place == "usb")
    try transport.open()
    #expect(transport.place == "usb:0a")
  }

  @Test("with several, 'the only one' names them all and opens none")
  func ambiguous() {
    bench.plug(.token("0a", path: "/dev/hidraw0"))
    bench.plug(.token("0b", path: "/dev/hidraw1"))
    #expect(failure(.only) == .ambiguous(place: "usb", choices: ["usb:0a", "usb:0b"]))
  }

  @Test("one of several is chosen by its serial number, in capitals or not")
  func serialNumber() throws {
    let first = bench.plug(.token("0a", path: "/dev/hidraw0"))
    let second = bench.plug(.token("0b", path: "/dev/hidraw1"))
    let transport = HIDAPITransport(.serialNumber("0B"), on: bench)
    try transport.open()
    try transport.write(Report())
    #expect(first.written.isEmpty)
    #expect(second.written.count == 1)
    #expect(transport.place == "usb:0b")
  }

  @Test("a part of a serial number chooses nothing")
  func partial() {
    bench.plug(.token("0a0b"))
    #expect(failure(.serialNumber("0a")) == .notFound(place: "usb:0a"))
    #expect(failure(.serialNumber("")) == .notFound(place: "usb:"))
  }

  @Test("two devices that claim one serial number are not chosen between")
  func twins() {
    bench.plug(.token("0a", path: "/dev/hidraw0"))
    bench.plug(.token("0a", path: "/dev/hidraw1"))
    #expect(
      failure(.serialNumber("0a")) == .ambiguous(place: "usb:0a", choices: ["usb:0a", "usb:0a"]))
  }

  @Test("a token that was found is opened where it was found, or not at all")
  func found() throws {
    bench.plug(.token("0a", path: "/dev/hidraw0"))
    let twin = bench.plug(.token("0a", path: "/dev/hidraw1"))
    let token = try #require(try USBToken.all(on: bench).last)
    let transport = HIDAPITransport(.found(token), on: bench)
    try transport.open()
    try transport.write(Report())
    #expect(twin.written.count == 1)
    bench.unplug("/dev/hidraw1")
    #expect(throws: TransportFailure.notFound(place: "usb:0a")) { try transport.open() }
  }

  @Test("no token is not found, rather than forbidden")
  func absent() {
    #expect(failure(.only) == .notFound(place: "usb"))
    #expect(failure(.serialNumber("0a")) == .notFound(place: "usb:0a"))
  }

  @Test("a token that is opened again is looked for anew, and is never another one")
  func again() throws {
    bench.plug(.token("0a", path: "/dev/hidraw0"))
    let transport = HIDAPITransport(.only, on: bench)
    try transport.open()
    bench.unplug("/dev/hidraw0")
    bench.plug(.token("0b", path: "/dev/hidraw0"))
    #expect(throws: TransportFailure.notFound(place: "usb:0a")) { try transport.open() }
    let back = bench.plug(.token("0a", path: "/dev/hidraw4"))
    try transport.open()
    try transport.write(Report())
    #expect(back.written.count == 1)
  }

  @Test("a token that may not be opened is answered with the rule that helps")
  func forbidden() throws {
    bench.plug(.token("0a"))
    bench.refuse("/dev/hidraw0", .forbidden(node: "/dev/hidraw0"))
    for selection in [HIDAPITransport.Selection.only, .serialNumber("0a")] {
      let failure = try #require(self.failure(selection))
      guard case .permissionDenied = failure else { throw Unexpected(failure) }
      #expect(failure.description.contains("usb:0a"))
      #expect(failure.description.contains("/dev/hidraw0"))
      #expect(failure.description.contains(UdevRule.installing))
    }
  }

  @Test("a forbidden token that keeps its serial number to itself is not taken for absent")
  func forbiddenAndNameless() throws {
    let bench = BenchOfDevices(.libusb)
    bench.plug(.token(nil, path: "1-2:1.0", product: nil, usagePage: 0))
    bench.refuse("1-2:1.0", .forbidden(node: "/dev/bus/usb/001/004"))
    let failure = #expect(throws: TransportFailure.self) {
      try HIDAPITransport(.serialNumber("0a"), on: bench).open()
    }
    guard case .permissionDenied = failure else { throw Unexpected(failure) }
  }

  @Test("a token that another program holds is in use")
  func occupied() {
    bench.plug(.token("0a"))
    bench.refuse("/dev/hidraw0", .occupied)
    #expect(failure(.only) == .inUse(place: "usb:0a"))
  }

  @Test("a token that another program soon lets go of is waited for")
  func occupiedAtFirst() throws {
    bench.plug(.token("0a"))
    bench.refuse("/dev/hidraw0", .occupied)
    bench.change { $0.opensAfter["/dev/hidraw0"] = 3 }
    try HIDAPITransport(.only, on: bench, patience: .seconds(60)).open()
  }

  @Test("a token that may not be opened is not waited for")
  func forbiddenAtOnce() {
    bench.plug(.token("0a"))
    bench.refuse("/dev/hidraw0", .forbidden(node: "/dev/hidraw0"))
    bench.change { $0.opensAfter["/dev/hidraw0"] = 1 }
    #expect(throws: TransportFailure.self) {
      try HIDAPITransport(.only, on: bench, patience: .seconds(60)).open()
    }
  }

  @Test("a token that goes away between listing and opening is not found")
  func gone() {
    bench.plug(.token("0a"))
    bench.refuse("/dev/hidraw0", .absent)
    #expect(failure(.only) == .notFound(place: "usb:0a"))
  }

  @Test("any other refusal keeps the system's reason")
  func failing() {
    bench.plug(.token("0a"))
    bench.refuse("/dev/hidraw0", .failing(EMFILE))
    #expect(failure(.only) == .system(place: "usb:0a", operation: "open", error: EMFILE))
  }

  @Test("a session runs over it: INIT, a channel, and messages of many reports")
  func session() throws {
    let device = bench.plug(.token("0a"))
    device.afterWrite = { EchoingToken.answer($0) }
    let session = FramingSession(over: HIDAPITransport(.only, on: bench))
    try session.open()
    #expect(session.channel == EchoingToken.channel)
    let bytes = (0..<7609).map { UInt8(truncatingIfNeeded: $0) }
    #expect(try session.transact(.ping, bytes.span) == bytes)
  }
}

/// The least that a session needs of a token: it gives out a channel, and echoes.
enum EchoingToken {
  static let channel = ChannelID(rawValue: 5)

  /// Answers what was written last.
  static func answer(_ device: ScriptedDevice) {
    let packet = Array(device.written[device.written.count - 1].dropFirst())
    guard packet[4] == 0x80 | FramingCommand.initialize.rawValue else {
      // A PING comes back as it came: the packets are the same in both directions.
      return device.incoming.append(.report(packet))
    }
    let answer = packet[0..<5] + [0, 17] + packet[7..<15] + [0, 0, 0, 5, 2, 1, 0, 0, 0x09]
    device.incoming.append(.report(answer + [UInt8](repeating: 0, count: 64 - answer.count)))
  }
}
