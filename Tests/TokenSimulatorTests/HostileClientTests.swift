import Glibc
import JSON
import Testing
import TokenClient
import TokenCore
import TokenSimulator

@Suite("Hostile clients of the simulator's server")
struct HostileClientTests {
  private let folder = TemporaryFolder()
  private var socket: String { folder.file("token") }

  /// Whether an honest client of either channel is served.
  private func expectService(_ server: RunningServer, _ comment: Comment? = nil) throws {
    let client = try server.client()
    client.send(initReport(nonce: 0x5A))
    var answer: [UInt8] = []
    repeat { answer = client.receive(64) } while answer.count == 64 && answer[7] != 0x5A
    #expect(answer.count == 64, comment)
    #expect(try server.control.perform(.status).isPlugged, comment)
  }

  @Test("a report may come in any pieces, and half a report holds nobody up")
  func pieces() throws {
    let server = try RunningServer(at: socket)
    let half = try server.client()
    half.send(Array(initReport(nonce: 1).prefix(40)))
    try expectService(server)
    half.send(Array(initReport(nonce: 1).suffix(24)))
    var answer: [UInt8] = []
    repeat { answer = half.receive(64) } while answer.count == 64 && answer[7] != 1
    #expect(answer.count == 64)
    let bytewise = try server.client()
    for byte in initReport(nonce: 2) + initReport(nonce: 3) { bytewise.send([byte]) }
    #expect(bytewise.receive(64).dropFirst(7).first == 2)
    #expect(bytewise.receive(64).dropFirst(7).first == 3)
    try server.stop()
  }

  @Test("a client that never reads loses reports, and nobody else does")
  func neverReading() throws {
    let server = try RunningServer(at: socket)
    let deaf = try server.client()
    deaf.send(initReport(nonce: 1))
    let session = try TokenSession(over: UnixSocketTransport(path: socket))
    // Far more than the system and the server keep for one client.
    let message = [UInt8](repeating: 7, count: FramingLimits.messageSize)
    for _ in 0..<120 { try session.ping(message) }
    // And one that asks without end, and reads nothing.
    let flood = try server.client()
    let reports = (0..<64).flatMap { initReport(nonce: UInt8($0)) }
    for _ in 0..<200 { flood.send(reports) }
    try expectService(server)
    // The flood takes all channels while it lasts; a program that goes on asks for new ones.
    var isServed = false
    for _ in 0..<1_000 where !isServed { isServed = (try? session.ping(message)) != nil }
    #expect(isServed)
    try server.stop()
  }

  @Test("more clients than there is room for push out those that are silent")
  func thousands() throws {
    let server = try RunningServer(at: socket)
    var crowd: [RawClient] = []
    for _ in 0..<400 {
      if let client = try? RawClient(socket) { crowd.append(client) }
      if let client = try? RawClient(socket + ".control") { crowd.append(client) }
    }
    try expectService(server, "with \(crowd.count) connections")
    #expect(crowd.count > SimulatorServer.wireLimit + SimulatorServer.controlLimit)
    #expect(crowd[0].isClosedByServer())
    #expect(crowd[1].isClosedByServer())
    for _ in 0..<2_000 { _ = try? RawClient(socket) }
    try expectService(server)
    crowd.removeAll()
    try expectService(server)
    try server.stop()
  }

  @Test("random reports leave the token answering")
  func randomReports() throws {
    let server = try RunningServer(at: socket)
    for seed in 0..<20 as Range<UInt64> {
      var random = Seed(seed)
      let client = try server.client()
      for _ in 0..<50 {
        client.send((0..<64).map { _ in UInt8.random(in: 0...255, using: &random) })
      }
      try expectService(server, "repeat with: seed \(seed)")
    }
    try server.stop()
  }

  @Test("garbage on the control channel is answered with a sentence")
  func garbage() throws {
    let server = try RunningServer(at: socket)
    let client = try RawClient(socket + ".control")
    for line in ["", "hello", "{\"do\":\"press\"", "\u{0}", #"{"do":"dance"}"#, "[[[[", "é\"\\"] {
      client.send(line: line)
      let reply = try JSON.parse(client.receiveLine())
      #expect(reply["ok"]?.bool == false)
      #expect(reply["error"]?.string?.hasSuffix(".") == true)
    }
    client.send([0xFF, 0xFE, 0x80, 10])
    #expect(try JSON.parse(client.receiveLine())["ok"]?.bool == false)
    // The same connection is still good, also for several requests at once.
    client.send(line: #"{"do":"status"}"# + "\n" + #"{"do":"button","mode":"never"}"#)
    #expect(try JSON.parse(client.receiveLine())["ok"]?.bool == true)
    #expect(try JSON.parse(client.receiveLine())["button"]?.string == "never")
    try server.stop()
  }

  @Test("a line without end is refused and its client sent away")
  func endlessLine() throws {
    let server = try RunningServer(at: socket)
    let client = try RawClient(socket + ".control")
    let portion = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
    for _ in 0..<4 { client.send(portion) }
    #expect(try JSON.parse(client.receiveLine())["ok"]?.bool == false)
    #expect(client.isClosedByServer())
    try expectService(server)
    try server.stop()
  }

  @Test("a control client that never reads its answers is sent away")
  func deafControl() throws {
    let server = try RunningServer(at: socket)
    let client = try RawClient(socket + ".control")
    let requests = Array(String(repeating: "{\"do\":\"status\"}\n", count: 100).utf8)
    var isClosed = false
    for _ in 0..<20_000 where !isClosed {
      isClosed = client.send(requests) < 0
      if !isClosed { usleep(100) }
    }
    #expect(isClosed)
    try expectService(server)
    try server.stop()
  }

  @Test("random lines leave the control channel answering")
  func randomLines() throws {
    let server = try RunningServer(at: socket)
    let words = [
      "{", "}", "\"do\"", ":", "\"warp\"", ",", "\"seconds\"", "1", "-1", "1e9", "\"button\"",
      "\"mode\"", "\"never\"", "\"battery\"", "\"present\"", "true", "null", "[", "]",
    ]
    for seed in 0..<100 as Range<UInt64> {
      var random = Seed(seed)
      let client = try RawClient(socket + ".control")
      for _ in 0..<10 {
        let count = Int.random(in: 0...9, using: &random)
        client.send(
          line: (0..<count).map { _ in words.randomElement(using: &random)! }.joined())
        let reply = try JSON.parse(client.receiveLine())
        #expect(reply["ok"]?.bool != nil, "repeat with: seed \(seed)")
      }
    }
    #expect(try server.control.perform(.status).isPlugged)
    try server.stop()
  }

  @Test("a server that does not answer is given up")
  func silentServer() throws {
    let path = socket + ".control"
    let listener = try Listener(path)
    let control = SimulatorControl(.server(socket: socket), patience: 20)
    #expect(throws: ControlFailure.timedOut(path: path)) { try control.perform(.status) }
    listener.answersNext(with: "nonsense\n")
    let patient = SimulatorControl(.server(socket: socket))
    #expect(throws: ControlFailure.noAnswer(path: path)) { try patient.perform(.status) }
    listener.answersNext(with: #"{"ok":true}"# + "\n")
    #expect(throws: ControlFailure.noAnswer(path: path)) { try patient.perform(.status) }
    listener.answersNext(with: "")
    #expect(throws: ControlFailure.noAnswer(path: path)) { try patient.perform(.status) }
  }
}
