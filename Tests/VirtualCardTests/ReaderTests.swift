import Glibc
import Testing
import TokenCore
import TokenSimulator

@testable import VirtualCard

@Suite("Readers that come, go and misbehave")
struct ReaderTests {
  @Test("a reader that is not there yet is found once it is, and its absence is said once")
  func late() throws {
    let port = try Reader().port
    let server = try CardServer(port: port)
    // More attempts than one.
    while server.reports.isEmpty { usleep(1_000) }
    usleep(200_000)
    let reader = try Reader(port: port)
    #expect(try reader.powerUp() == AnswerToReset.bytes)
    #expect(try reader.ask(Commands.select).suffix(2) == StatusWord.success.bytes[...])
    #expect(server.reports.count == 2)
    guard case .unreachable(let failure) = server.reports[0] else {
      Issue.record("\(server.reports)")
      return
    }
    #expect(failure.code == ECONNREFUSED)
    #expect(server.reports[1] == .inserted)
    try server.stop()
  }

  @Test("a reader that restarts has the card again, and what it held is still there")
  func restart() throws {
    var reader: Reader? = try Reader()
    let port = try #require(reader).port
    let server = try CardServer(port: port)
    try reader?.powerUp()
    #expect(try reader?.ask(Commands.putHOTP("kept")) == StatusWord.success.bytes)
    reader = nil
    while server.reports.last == .inserted { usleep(1_000) }
    #expect(server.reports[1] == .lost)
    let next = try Reader(port: port)
    try next.powerUp()
    #expect(try next.ask(Commands.list).contains(Array("kept".utf8)))
    try server.stop()
  }

  @Test("pulling the cable takes the card out, and plugging it in puts it back")
  func cable() throws {
    let reader = try Reader()
    let server = try CardServer(port: reader.port)
    try reader.powerUp()
    try server.control.perform(.unplug)
    #expect(reader.isCardOut())
    #expect(server.reports == [.inserted, .removed])
    try server.control.perform(.plug)
    #expect(try reader.powerUp() == AnswerToReset.bytes)
    #expect(server.reports == [.inserted, .removed, .inserted])
    try server.stop()
  }

  @Test("a snapshot that is put back takes the card out for a moment")
  func restore() throws {
    let reader = try Reader()
    let server = try CardServer(port: reader.port)
    try reader.powerUp()
    let snapshot = server.socket + ".snapshot"
    try server.control.perform(.snapshot(file: snapshot))
    #expect(try reader.ask(Commands.putHOTP("dropped")) == StatusWord.success.bytes)
    try server.control.perform(.restore(file: snapshot))
    #expect(reader.isCardOut())
    try reader.powerUp()
    #expect(try reader.ask(Commands.list) == StatusWord.success.bytes)
    try server.stop()
  }

  @Test("what takes the connection and drops it without a question is called silent, once")
  func silent() throws {
    let reader = try Reader()
    let server = try CardServer(port: reader.port)
    for _ in 0..<3 {
      try reader.takeCard()
      reader.eject()
    }
    try reader.powerUp()
    #expect(server.reports == [.silent, .inserted])
    try server.stop()
  }

  @Test("frames that carry no command are refused for their length, and the next one is served")
  func wrongLengths() throws {
    let reader = try Reader()
    let server = try CardServer(port: reader.port)
    try reader.powerUp()
    let lengths = [
      0, 2, 3, FramingLimits.messageSize, FramingLimits.messageSize + 1, Int(UInt16.max),
    ]
    for length in lengths {
      let answer = try reader.ask([UInt8](repeating: 0, count: length))
      #expect(answer == StatusWord.wrongLength.bytes, "\(length) bytes")
      #expect(try reader.ask(Commands.select).suffix(2) == StatusWord.success.bytes[...])
    }
    for byte in UInt8.min ... .max where ReaderControl(rawValue: byte) == nil {
      #expect(try reader.ask([byte]) == StatusWord.wrongLength.bytes, "the byte \(byte)")
    }
    try server.stop()
  }

  @Test("a frame that never ends holds nobody up")
  func unfinished() throws {
    let reader = try Reader()
    let server = try CardServer(port: reader.port)
    try reader.takeCard()
    reader.send(raw: [0xFF, 0xFF, 0, 0xA4])
    #expect(try server.session().list().isEmpty)
    #expect(try server.control.perform(.status).isPlugged)
    try reader.powerUp()
    #expect(try reader.ask(Commands.select).suffix(2) == StatusWord.success.bytes[...])
    try server.stop()
  }

  @Test("a reader that asks without end and takes no answer gets each of them in the end")
  func deaf() throws {
    let reader = try Reader(bufferSize: 4_096)
    let server = try CardServer(port: reader.port)
    try reader.takeCard()
    let request = ReaderRequest.frame([ReaderControl.answerToReset.rawValue])
    let sent = reader.pourOut(request)
    #expect(try server.control.perform(.status).isPlugged)
    #expect(try server.session().list().isEmpty)
    #expect(sent / request.count > 1_000)
    for _ in 0..<sent / request.count {
      guard try reader.receive() == AnswerToReset.bytes else {
        Issue.record("not the ATR")
        break
      }
    }
    try server.stop()
  }

  @Test("random bytes leave the card answering")
  func randomBytes() throws {
    let reader = try Reader()
    let server = try CardServer(port: reader.port)
    for seed in 0..<60 as Range<UInt64> {
      var random = Seed(seed)
      try reader.takeCard()
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        var payload = (0..<Int.random(in: 0...40, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
        // Half of them look like commands.
        if payload.count > 5, Bool.random(using: &random) {
          payload[0] = 0
          payload[1] = [1, 2, 3, 5, 0xA1, 0xA2, 0xA4, 0xA5, 0x50].randomElement(using: &random)!
          payload[4] = UInt8(payload.count - 5)
        }
        let isFramed = Int.random(in: 0..<8, using: &random) > 0
        reader.send(raw: isFramed ? ReaderRequest.frame(payload) : payload)
      }
      #expect(try reader.powerUp() == AnswerToReset.bytes, "repeat with: seed \(seed)")
      let answer = try reader.ask(Commands.select)
      #expect(answer.suffix(2) == StatusWord.success.bytes[...], "repeat with: seed \(seed)")
    }
    try server.stop()
  }

  @Test("a host that nobody knows is refused with a sentence")
  func unknownHost() {
    #expect(throws: ReaderFailure.self) { try ReaderAddress(host: "no.such.host.invalid") }
    #expect(throws: ReaderFailure.self) { try ReaderAddress(host: "") }
  }

  @Test("only 127.0.0.0/8 is this machine")
  func loopback() throws {
    #expect(try ReaderAddress().isLoopback)
    #expect(try ReaderAddress(host: "localhost").isLoopback)
    #expect(try ReaderAddress(host: "127.9.9.9").isLoopback)
    #expect(try !ReaderAddress(host: "10.0.0.1").isLoopback)
  }
}
