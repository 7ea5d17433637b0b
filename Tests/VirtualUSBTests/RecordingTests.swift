import Foundation
import Testing
import TokenCore
import TokenSimulator

@testable import VirtualUSB

@Suite("A recording")
struct RecordingTests {
  private let folder = TemporaryFolder()
  private var file: String { folder.file("bus.pcapng") }

  /// Records a host that attaches the device over USB/IP and sends reports.
  private func record(_ nonces: ClosedRange<UInt8>) throws -> [[UInt8]] {
    let (bus, port) = try RunningBus.usbip(in: folder, recording: file)
    let client = try USBIPPeer(port)
    #expect(client.attach() == 0)
    _ = client.control([0x80, 6, 0, 1, 0, 0, 18, 0])
    _ = client.control([0x80, 6, 0, 6, 0, 0, 10, 0])
    _ = client.control([0x80, 6, 0, 2, 0, 0, 255, 0])
    _ = client.control([0x81, 6, 0, 0x22, 0, 0, 255, 0])
    var answers: [[UInt8]] = []
    for nonce in nonces { answers.append(try #require(client.exchange(initReport(nonce: nonce)))) }
    // One by way of the control endpoint, and one that is taken back.
    #expect(client.control([0x21, 9, 0, 2, 0, 0, 64, 0], data: initReport(nonce: 0xEE)) == [])
    let input = client.submit(isInput: true, endpoint: 1, length: 64)
    answers.append(try #require(client.reply(isInput: { $0 == input })).data)
    client.unlink(client.submit(isInput: true, endpoint: 1, length: 64))
    _ = client.reply(isInput: { _ in false })
    try bus.stop()
    return answers
  }

  @Test("is this user's alone, and never in place of another file")
  func permissions() throws {
    _ = try record(1...1)
    #expect(VirtualUSBTests.permissions(file) == 0o600)
    #expect(throws: RecordingFailure.exists(path: file)) { _ = try USBRecorder(at: file) }
    let missing = folder.file("none/bus.pcapng")
    #expect(throws: RecordingFailure.system(path: missing, SystemFailure("open", code: ENOENT))) {
      _ = try USBRecorder(at: missing)
    }
  }

  @Test("played to a new token it has the answers of then")
  func replay() throws {
    let answers = try record(1...20)
    let recording = try USBRecording(at: file)
    #expect(
      recording.sent.map(\.report.list) == (1...20).map { initReport(nonce: $0) } + [
        initReport(nonce: 0xEE)
      ])
    var token = LiveToken(board: .new(), realTime: false)
    var received: [[UInt8]] = []
    var sent = 0
    try recording.replay(on: &token) { step in
      switch step {
      case .sent: sent += 1
      case .received(let report): received.append(report.list)
      }
    }
    #expect(sent == 21)
    // The very same answers, but for the channels: those have random numbers.
    #expect(received.map(Self.withoutChannel) == answers.map(Self.withoutChannel))
    #expect(Set(received.map { $0[15..<19] }).count == 21)
  }

  @Test("time passes in a replay as it passed, so that what waits for it comes")
  func replayedTime() throws {
    // A message that is never finished is given up by the token after half a second.
    let recorder = try USBRecorder(at: file)
    var port = USBPort(USBIdentity(serialNumber: SerialNumber(rawValue: 1)), recorder: recorder)
    port.connect()
    _ = port.submit(Transfer(id: 1, .output(endpoint: 1, data: initReport(nonce: 1))))
    var unfinished = packet(channel: 1, command: 1, [1, 2, 3])
    unfinished[6] = 100
    _ = port.submit(Transfer(id: 2, .output(endpoint: 1, data: unfinished)))
    let recording = try USBRecording(at: file)
    var token = LiveToken(board: .new(), realTime: false)
    var received: [[UInt8]] = []
    try recording.replay(on: &token, patience: Microseconds(600_000)) { step in
      if case .received(let report) = step { received.append(report.list) }
    }
    // ERROR, messageTimeout, on the channel that stands for 1.
    #expect(received.count == 2)
    #expect(received.last?.prefix(8) == received[0][15..<19] + [0xBF, 0, 1, 5])
  }

  private static func withoutChannel(_ answer: [UInt8]) -> [UInt8] {
    Array(answer[..<15] + answer[19...])
  }

  @Test("tshark finds requests, descriptors and reports in it, and nothing malformed")
  func tshark() throws {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/tshark") else { return }
    _ = try record(1...3)
    func fields(_ filter: String, _ names: String...) throws -> [String] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/tshark")
      process.arguments =
        ["-r", file, "-Y", filter, "-T", "fields"] + names.flatMap { ["-e", $0] }
      let pipe = Pipe()
      process.standardOutput = pipe
      process.standardError = FileHandle.nullDevice
      try process.run()
      let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      return text.split(separator: "\n").map(String.init)
    }
    #expect(try fields("_ws.malformed", "frame.number").isEmpty)
    #expect(try fields("usb.idVendor == 0x1209", "usb.idProduct") == ["0x0001"])
    #expect(try fields("usb.bDescriptorType == 4", "usb.bInterfaceNumber") == ["0"])
    // That it is HID, Wireshark knows of every packet since.
    #expect(try Set(fields("usb.bInterfaceClass", "usb.bInterfaceClass")) == ["0x03"])
    // Three reports and INs from the host, and the one that was unlinked.
    let out = "usb.endpoint_address == 0x01 && usb.urb_type == 'S'"
    #expect(try fields(out, "usb.data_len") == ["64", "64", "64"])
    #expect(
      try fields("usb.endpoint_address == 0x81 && usb.urb_type == 'C'", "usb.urb_status")
        == ["0", "0", "0", "0", "-104"])
    // DEVICE_QUALIFIER.
    #expect(try fields("usb.urb_status == -32", "frame.number").count == 1)
  }

  @Test("of the other byte order is read as well")
  func otherByteOrder() throws {
    _ = try record(1...2)
    let expected = try USBRecording(at: file).sent.map(\.report.list)
    let swapped = folder.file("swapped.pcapng")
    makeFile(swapped, swapOrder(contents(file)))
    #expect(try USBRecording(at: swapped).sent.map(\.report.list) == expected)
  }

  /// Turns every number of a file round that `USBRecorder` wrote.
  private func swapOrder(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    func turn(_ offset: Int, _ size: Int) { bytes[offset..<offset + size].reverse() }
    var offset = 0
    while offset < bytes.count {
      let length = Int(bytes[offset + 4]) | Int(bytes[offset + 5]) << 8
      let kind = bytes[offset]
      for at in [0, 4, length - 4] { turn(offset + at, 4) }
      let body = offset + 8
      switch kind {
      case 0x0A: turn(body, 4)
      case 1: turn(body, 2)
      default:
        for at in stride(from: 0, to: 20, by: 4) { turn(body + at, 4) }
        let header = body + 20
        for (at, size) in [(0, 8), (12, 2), (16, 8), (24, 4), (28, 4), (32, 4), (36, 4), (48, 4)] {
          turn(header + at, size)
        }
      }
      offset += length
    }
    return bytes
  }

  @Test("that is damaged, cut, of something else, or missing, is refused with the reason")
  func damage() throws {
    _ = try record(1...2)
    let whole = contents(file)
    let path = folder.file("damaged.pcapng")
    func read(_ bytes: [UInt8]) throws -> Int {
      makeFile(path, bytes)
      return try USBRecording(at: path).sent.count
    }
    #expect(throws: RecordingFailure.notFound(path: folder.file("none"))) {
      _ = try USBRecording(at: folder.file("none"))
    }
    #expect(throws: RecordingFailure.malformed(path: path, offset: 0)) {
      _ = try read(Array("no capture".utf8))
    }
    #expect(throws: RecordingFailure.notUSB(path: path)) { _ = try read([]) }
    for count in stride(from: 1, to: whole.count, by: 37) {
      do throws(RecordingFailure) {
        makeFile(path, Array(whole.prefix(count)))
        #expect(try USBRecording(at: path).sent.count <= 3)
      } catch .malformed(_, let offset) {
        #expect(offset <= count)
      } catch .notUSB {
        // Cut right behind the section's header.
      }
    }
    for seed: UInt64 in 0..<2_000 {
      var random = Seed(seed)
      var bytes = whole
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      var reader = CaptureReader(bytes)
      var packets = 0
      while reader.next() != nil { packets += 1 }
      #expect(packets <= whole.count / 96, "repeat with: seed \(seed)")
    }
  }
}
