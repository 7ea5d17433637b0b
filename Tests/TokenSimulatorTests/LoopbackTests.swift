import Foundation
import Loopback
import OATH
import Testing
import TokenClient
import TokenCore
import TokenSimulator

@Suite("The loopback transport")
struct LoopbackTests {
  private let folder = TemporaryFolder()
  private var image: String { folder.file("token.image") }

  private func session(_ transport: LoopbackTransport) throws -> TokenSession {
    try TokenSession(over: transport)
  }

  private func name(_ label: String) throws -> Credential.Name {
    try Credential.Name(label: label, period: Seconds(30))
  }

  @Test("what was put on a token in a file is there in the next run, and computes the same code")
  func fileOutlivesTransport() throws {
    let name = try name("bank")
    do {
      let session = try session(LoopbackTransport(.image(file: image, createIfMissing: true)))
      _ = try session.syncClock()
      try session.put(NewCredential(name: name, secret: secret()))
      session.close()
    }
    #expect(permissions(image) == 0o600)
    let session = try session(LoopbackTransport(.image(file: image, createIfMissing: false)))
    let code = try session.calculate(name)
    let step = try #require(code.validity?.step)
    let key = OATHKey(algorithm: .sha1, secret: [UInt8]("12345678901234567890".utf8).span)
    #expect(code.code == HOTP.code(key: key, at: MovingFactor(step), digits: .six))
    session.close()
  }

  @Test(
    "a token that is made for want of a file has this machine's time, and one from the factory none"
  )
  func firstTime() throws {
    func status(_ source: LoopbackTransport.Source) throws -> ClockStatus {
      let session = try session(LoopbackTransport(source))
      defer { session.close() }
      return try session.clockStatus()
    }
    let made = try status(.image(file: image, createIfMissing: true))
    #expect(made.state == .running)
    let reading = try #require(made.reading)
    #expect(abs(reading.difference.rawValue) <= reading.bound.rawValue + made.roundTrip.rawValue)
    // It goes on from there.
    #expect(try status(.image(file: image, createIfMissing: true)).state == .running)
    #expect(try status(.memory(.new(), .byHand)).state == .unset)
    try TokenImage.create(at: folder.file("factory"), board: .new())
    let factory = folder.file("factory")
    #expect(try status(.image(file: factory, createIfMissing: false)).state == .unset)
  }

  @Test("what a token answered survives a process that never closed it")
  func killed() throws {
    let credential = try name("bank")
    try TokenImage.create(at: image, board: .new())
    let copy = folder.file("copy")
    let session = try session(LoopbackTransport(.image(file: image, createIfMissing: false)))
    try session.put(NewCredential(name: credential, secret: secret()))
    // The file as it is now is what a killed process would leave.
    try FileManager.default.copyItem(atPath: image, toPath: copy)
    session.close()
    let after = try self.session(LoopbackTransport(.image(file: copy, createIfMissing: false)))
    #expect(try after.list().map(\.name.label) == ["bank"])
    after.close()
  }

  @Test("a token in memory lives as long as its transport, open or not")
  func memory() throws {
    let transport = LoopbackTransport(.memory(.new(), .byHand))
    let name = try name("bank")
    func code(puttingFirst isNew: Bool) throws -> IssuedCode {
      let session = try session(transport)
      defer { session.close() }
      if isNew {
        _ = try session.syncClock()
        try session.put(NewCredential(name: name, secret: secret()))
      }
      return try session.calculate(name)
    }
    let first = try code(puttingFirst: true)
    // The clock goes on off the cable.
    transport.advance(by: Microseconds(3_600_000_000))
    let second = try code(puttingFirst: false)
    let steps =
      try #require(second.validity?.step.rawValue) - #require(first.validity?.step.rawValue)
    #expect(steps == 120)
  }

  @Test("the same seed makes the same token, report by report")
  func repeatable() throws {
    for seed in 0..<5 as Range<UInt64> {
      var traces: [[[UInt8]]] = []
      for _ in 0..<2 {
        let transport = LoopbackTransport(.memory(.new(entropy: .seeded(seed)), .byHand))
        try transport.open()
        var random = Seed(seed)
        var trace: [[UInt8]] = []
        for round in 0..<100 {
          var report = Report()
          let bytes =
            round % 3 == 0
            ? initReport(nonce: UInt8(round))
            : (0..<64).map { _ in UInt8.random(in: 0...255, using: &random) }
          for (index, byte) in bytes.enumerated() { report.bytes[index] = byte }
          try transport.write(report)
          transport.advance(by: Microseconds(Int64.random(in: 0...300_000, using: &random)))
          while let answer = try transport.read(before: .now) {
            trace.append((0..<64).map { answer.bytes[$0] })
          }
        }
        let board = try #require(transport.board)
        trace.append(board.flash.bytes)
        traces.append(trace)
      }
      #expect(traces[0].count > 30)
      #expect(traces[0] == traces[1], "repeat with: seed \(seed)")
    }
  }

  @Test("by hand, a touch that never comes times out without anybody waiting for it")
  func touchTimeout() throws {
    var board = SimulatedBoard.new()
    board.button.mode = .never
    let transport = LoopbackTransport(.memory(board, .byHand))
    let session = try session(transport)
    _ = try session.syncClock()
    let name = try name("bank")
    try session.put(touchCredential(name))
    let before = try #require(transport.board).clock.ticks
    #expect(throws: TokenFailure.self) { try session.calculate(name) }
    let after = try #require(transport.board).clock.ticks
    #expect(after.elapsed(since: before) >= 15 * 32_768)
    try transport.perform(.button(.automatic))
    #expect(try session.calculate(name).text.count == 6)
    session.close()
  }

  @Test("a token whose cable is pulled vanishes, and is found again when it is plugged in")
  func cable() throws {
    let transport = LoopbackTransport(.memory(.new(), .byHand))
    try transport.open()
    try transport.perform(.unplug)
    #expect(throws: TransportFailure.vanished(place: "sim")) { try transport.write(Report()) }
    #expect(throws: TransportFailure.vanished(place: "sim")) {
      try transport.read(before: .now)
    }
    transport.close()
    let session = try session(transport)
    try session.ping([1, 2, 3])
    session.close()
    session.close()
    #expect(throws: TransportFailure.vanished(place: "sim")) { try transport.write(Report()) }
  }

  @Test("an image that cannot be used is a failure in a person's words, and stays as it is")
  func failures() throws {
    let transport = LoopbackTransport(
      .image(file: image, createIfMissing: false), place: "sim:token.image")
    #expect(throws: TransportFailure.notFound(place: "sim:token.image")) { try transport.open() }
    #expect(folder.names.isEmpty)
    try TokenImage.create(at: image, board: .new())
    let holder = LoopbackTransport(.image(file: image, createIfMissing: false))
    try holder.open()
    #expect(throws: TransportFailure.inUse(place: "sim:token.image (process \(getpid()))")) {
      try transport.open()
    }
    holder.close()
    try setContents(image, [1, 2, 3])
    #expect(
      throws: TransportFailure.unusable(
        place: "sim:token.image", reason: "it is not a token image")
    ) { try transport.open() }
    #expect(contents(image) == [1, 2, 3])
    chmod(image, 0o644)
    let failure = #expect(throws: TransportFailure.self) { try transport.open() }
    #expect(failure?.description.contains("chmod 600") == true)
  }

  @Test("a token in a file that does not run is acted on in the file")
  func fileControl() throws {
    let transport = LoopbackTransport(.image(file: image, createIfMissing: true))
    let first = try session(transport)
    try first.put(NewCredential(name: name("kept"), secret: secret()))
    first.close()
    let before = try transport.perform(.status)
    #expect(!before.isPlugged)
    let warped = try transport.perform(.warp(Microseconds(86_400_000_000)))
    let (earlier, later) = (try #require(before.ticks), try #require(warped.ticks))
    #expect(later.elapsed(since: earlier) >= 86_400 * 32_768)
    #expect(try transport.perform(.plug).isPlugged == false)
    #expect(throws: ControlFailure.needsServer(path: image)) { try transport.perform(.press) }
    #expect(try transport.perform(.button(.manual)).button == .manual)
    let copy = folder.file("copy")
    try transport.perform(.snapshot(file: copy))
    let second = try session(transport)
    try second.delete(name("kept"))
    second.close()
    try transport.perform(.restore(file: copy))
    let third = try session(transport)
    #expect(try third.list().map(\.name.label) == ["kept"])
    third.close()
    let lost = try transport.perform(.battery(present: false))
    #expect(lost.epoch != before.epoch)
    #expect(!lost.hasBattery)
    // Where there is no image yet, a snapshot becomes one.
    let new = folder.file("new")
    let made = try SimulatorControl(.image(file: new)).perform(.restore(file: copy))
    #expect(made.serialNumber == before.serialNumber)
    #expect(permissions(new) == 0o600)
  }

  @Test("a session that was closed leaves the cable to the next one, also when it is gone for good")
  func successor() throws {
    let transport = LoopbackTransport(.memory(.new(), .byHand))
    var first: TokenSession? = try session(transport)
    first?.close()
    let second = try session(transport)
    first = nil
    #expect(first == nil)
    #expect(try second.list().isEmpty)
    second.close()
  }

  @Test("a press counts also when nothing looks at the token until it is over")
  func latePoll() throws {
    let transport = LoopbackTransport(.memory(.new(), .byHand))
    let session = try session(transport)
    let name = try name("bank")
    try transport.perform(.button(.manual))
    _ = try session.syncClock()
    try session.put(NewCredential(name: name, secret: secret(), properties: .touch))
    session.framing.touchIsAwaited = { isAwaited in
      guard isAwaited else { return }
      _ = try? transport.perform(.press)
      transport.advance(by: Microseconds(1_000_000))
    }
    #expect(try session.calculate(name).text.count == 6)
    session.close()
  }
}
