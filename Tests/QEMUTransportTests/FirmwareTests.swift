import Conformance
import FirmwareBounds
import Foundation
import OATH
import PasswordClient
import QEMUTransport
import Testing
import TokenClient
import TokenCore

@Suite(
  "The firmware in QEMU", .serialized,
  .enabled(if: Image.hasQEMU && Image.isBuilt, Comment(rawValue: Image.absence)),
  .timeLimit(.minutes(2)))
struct FirmwareTests {
  @Test("boots, gives out a channel, echoes, and says that it is emulated")
  func boots() throws {
    let session = try TokenSession(over: QEMUTransport(image: Image.path, keepsFlash: false))
    defer { session.close() }
    for size in [0, 1, 57, 58, 1000, 7609] {
      try session.ping((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    }
    let information = try session.information()
    #expect(information.body == .emulated)
    #expect(information.stored == 0)
  }

  @Test("computes the codes of RFC 6238, appendix B")
  func vectors() throws {
    let vectors = try Vector.all()
    let transport = QEMUTransport(image: Image.path, keepsFlash: false)
    let session = try TokenSession(over: transport)
    defer { session.close() }
    for (time, group) in Dictionary(grouping: vectors, by: \.time) {
      for credential in try session.list() { try session.delete(credential.name) }
      try session.setClockOfEmptyToken(to: time)
      for vector in group {
        let name = try Credential.Name(label: vector.mode, period: Seconds(30))
        try session.put(
          NewCredential(
            name: name, algorithm: vector.algorithm, digits: .eight,
            secret: SecretBytes(Array(vector.secret.utf8).span)))
        // The step is named, because the clock goes on; it is the token's own or the one before.
        let code = try session.calculate(name, at: Step(UInt64(time / 30)))
        #expect(code.text == vector.code, "\(vector.mode) at \(time)")
      }
    }
    #expect(vectors.count == 18)
  }

  @Test("a break on the line ends a proof of the password, and a message of which half has come")
  func newHost() throws {
    let transport = QEMUTransport(image: Image.path, keepsFlash: false)
    try transport.open()
    defer { transport.close() }
    func program() throws -> PasswordClient {
      try PasswordClient(
        send: { bytes in
          var report = Report()
          for index in bytes.indices { report.bytes[index] = bytes[index] }
          try? transport.write(report)
        },
        receive: {
          (try? transport.read(before: Deadline(in: .seconds(2)))).flatMap { $0 }.map { report in
            report.bytes.indices.map { report.bytes[$0] }
          }
        })
    }
    let client = try program()
    try client.secure()
    try transport.sendBreak()
    #expect(try client.list() == 0x6982)
    #expect(try client.prove() == 0x9000)
    client.beginMessage()
    // The token has it by now, since it is busy with it.
    #expect(try !program().isServed())
    try transport.sendBreak()
    #expect(try program().isServed())
  }

  @Test("passes every check of the protocol", .timeLimit(.minutes(4)))
  func conforms() throws {
    let transport = QEMUTransport(image: Image.path, keepsFlash: false)
    let report = try Suite(transport, hands: transport.hands).run()
    for result in report.results {
      if case .failed(let deviation) = result.outcome {
        Issue.record("\(result.id): \(deviation)")
      }
    }
    #expect(report.results.map(\.id) == Check.all.map(\.id) + [Suite.lastCheck.id])
  }

  @Test("waits for its button, with the light on, and gives the code when it is pressed")
  func button() throws {
    let transport = QEMUTransport(image: Image.path, keepsFlash: false)
    let session = try TokenSession(over: transport)
    defer { session.close() }
    _ = try session.syncClock()
    let name = try Credential.Name(label: "touch", period: Seconds(30))
    try session.put(
      NewCredential(
        name: name, secret: SecretBytes([UInt8](repeating: 3, count: 20).span),
        properties: .touch))
    #expect(try !transport.isLit())
    var wasLit = false
    session.framing.touchIsAwaited = { isAwaited in
      guard isAwaited else { return }
      wasLit = (try? transport.isLit()) ?? false
      try? transport.setButton(isPressed: true)
    }
    #expect(try session.calculate(name).text.count == 6)
    #expect(wasLit)
    #expect(try !transport.isLit())
  }

  @Test(
    "keeps its credentials without power, in a file that only its owner can read, and loses its clock"
  )
  func power() throws {
    let folder = try Folder()
    let transport = QEMUTransport(image: try folder.image())
    let storage = try #require(transport.storage)
    let name = try Credential.Name(label: "kept", period: Seconds(30))
    do {
      let session = try TokenSession(over: transport)
      _ = try session.syncClock()
      try session.put(
        NewCredential(name: name, secret: SecretBytes([UInt8](repeating: 7, count: 20).span)))
      session.close()
      #expect(transport.saveFailure == nil)
    }
    let attributes = try FileManager.default.attributesOfItem(atPath: storage)
    #expect(attributes[.posixPermissions] as? Int == 0o600)

    let session = try TokenSession(over: transport)
    defer { session.close() }
    #expect(try session.list().map(\.name) == [name])
    #expect(try session.clockStatus().state == .lost)
    #expect(throws: TokenFailure.self) { try session.calculate(name) }
  }

  @Test("answers with a storage that is not a token's, and RESET mends it")
  func foreignStorage() throws {
    let folder = try Folder()
    let image = try folder.image()
    let noise = Data((0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
    try noise.write(to: URL(filePath: image + ".flash"))
    let transport = QEMUTransport(image: image)
    transport.isButtonPressedWhenAsked = true
    let session = try TokenSession(over: transport)
    defer { session.close() }
    #expect(throws: TokenFailure.self) { try session.list() }
    try session.reset()
    #expect(try session.list().isEmpty)
  }

  @Test("uses no more of its stack than the build says that it can")
  func stack() throws {
    let transport = QEMUTransport(image: Image.path, keepsFlash: false)
    _ = try Suite(transport, hands: transport.hands).run(only: "code")
    let session = try TokenSession(over: transport)
    defer { session.close() }
    _ = try session.list()
    let bound = try StackBound(of: Image.path)
    let stack = try transport.memory(at: bound.bottom, size: Int(bound.top - bound.bottom))
    let untouched = stack.prefix { $0 == 0xA5 }.count
    let used = stack.count - untouched
    #expect(used > 0)
    #expect(used <= bound.deepest)
  }
}
