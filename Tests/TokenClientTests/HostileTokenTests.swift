import Testing
import TokenCore

@testable import TokenClient

/// Tokens that lie, stall and babble. Every call has to end with a typed failure; a call that hangs
/// shows by the suite's time limit, a trap by the crash.
@Suite("A hostile token", .timeLimit(.minutes(2)))
struct HostileTokenTests {
  static func session(_ token: ScriptedToken) throws -> FramingSession {
    try FramingSessionTests.session(token, patience: .short)
  }

  /// Expects nonsense from a token that answers a command with these reports.
  static func expectNonsense(
    _ sourceLocation: SourceLocation = #_sourceLocation,
    from answer: @escaping (ScriptedToken) -> [Report]
  ) throws {
    let token = ScriptedToken()
    token.answer = { _, _ in answer(token) }
    let session = try session(token)
    #expect(sourceLocation: sourceLocation) {
      try session.transact(.applet, [1].span)
    } throws: {
      FramingSessionTests.isNonsense($0)
    }
  }

  @Test("that refuses everything in one way, whatever it is, does not make the client ask for ever")
  func refusesEverything() throws {
    for selection in [ScriptedToken.selection, ScriptedToken.selection + [0x82, 1, 8]] {
      for status in UInt16(0x6000)...0x6FFF {
        let token = ScriptedToken { _, payload in
          payload.starts(with: [0, 0xA4, 0x04])
            ? selection : [UInt8(status >> 8), UInt8(status & 0xFF)]
        }
        let session = try TokenSession(over: token, patience: .ample)
        for command in [
          { try session.information() }, { try session.clockStatus() }, { try session.list() },
          { try session.calculate(Credential.Name(label: "a", period: .init(30))) },
        ] as [() throws -> Any] {
          #expect(throws: TokenFailure.self) { try command() }
        }
        #expect(token.requests.count <= 16)
      }
    }
  }

  @Test("that announces more than a message holds is not believed")
  func tooLong() throws {
    try Self.expectNonsense { token in
      [Report(token.channel, [0x80 | 0x70, 0x1D, 0xBA])]  // 7,610 bytes
    }
    try Self.expectNonsense { token in [Report(token.channel, [0x80 | 0x70, 0xFF, 0xFF])] }
  }

  @Test("that sends the parts out of order, twice or not at all is not believed")
  func outOfOrder() throws {
    let message = [UInt8](repeating: 1, count: 200)
    try Self.expectNonsense { token in
      var reports = token.reports(0x70, message)
      reports.swapAt(1, 2)
      return reports
    }
    try Self.expectNonsense { token in
      let reports = token.reports(0x70, message)
      return [reports[0], reports[1], reports[1]]
    }
    try Self.expectNonsense { token in
      let reports = token.reports(0x70, message)
      return [reports[0], reports[0]]
    }
  }

  @Test("that sends KEEPALIVE or ERROR of a wrong length is not believed")
  func wrongSmallMessages() throws {
    try Self.expectNonsense { token in [Report(token.channel, [0x80 | 0x3B, 0, 2, 1, 1])] }
    try Self.expectNonsense { token in [Report(token.channel, [0x80 | 0x3F, 0, 0])] }
  }

  @Test("that never answers, or stops in the middle, costs a wait and no more")
  func silence() throws {
    let mute = ScriptedToken()
    mute.greet = { _ in [] }
    #expect(throws: TokenFailure.noAnswer(place: "script")) {
      try FramingSession(over: mute, patience: .short).open()
    }

    let halfway = ScriptedToken()
    halfway.answer = { _, _ in
      Array(halfway.reports(0x70, [UInt8](repeating: 1, count: 200)).dropLast())
    }
    let session = try Self.session(halfway)
    #expect(throws: TokenFailure.noAnswer(place: "script")) {
      try session.transact(.applet, [1].span)
    }
  }

  @Test("that is at work for ever, or talks to others only, costs a wait and no more")
  func babble() throws {
    for report in [
      { (token: ScriptedToken) in token.keepAlive(.processing) },
      { token in token.keepAlive(.touchNeeded) },
      { token in Report(token.channel ^ 1, [0x80 | 0x70, 0, 2, 0x90, 0]) },
      { token in Report(token.channel, [0x80 | 0x01, 0, 0]) },
      { token in Report(token.channel, [0x7F]) },
    ] {
      let token = ScriptedToken()
      token.idle = { token.requests.isEmpty ? nil : report(token) }
      let session = try Self.session(token)
      #expect(throws: TokenFailure.noAnswer(place: "script")) {
        try session.transact(.applet, [1].span)
      }
    }
  }

  @Test("that greets with babble gets no further")
  func babbledGreeting() throws {
    let token = ScriptedToken()
    token.greet = { nonce in [Report(.max, [0x86, 0, 3] + nonce.prefix(3))] }
    token.idle = { token.error(.invalidChannel, on: .max) }
    #expect(throws: TokenFailure.noAnswer(place: "script")) {
      try FramingSession(over: token, patience: .short).open()
    }
  }

  @Test("that answers without a status is not believed", arguments: [0, 1])
  func noStatus(_ length: Int) throws {
    let token = ScriptedToken.selectable { _ in [UInt8](repeating: 0x90, count: length) }
    let session = try TokenSession(over: token, patience: .ample)
    #expect { try session.list() } throws: { FramingSessionTests.isNonsense($0) }
  }

  @Test("that refuses in words the protocol does not have is quoted, and nothing else")
  func unknownStatus() throws {
    let token = ScriptedToken.selectable { _ in [0x6F, 0x0A] }
    let session = try TokenSession(over: token, patience: .ample)
    #expect(throws: TokenFailure.unexpected(status: 0x6F0A, command: .list)) {
      try session.list()
    }
    #expect(TokenFailure.unexpected(status: 0x6F0A, command: .list).description.contains("6F0A"))
  }

  @Test("that sends random reports is met with typed failures only")
  func randomReports() throws {
    for seed in SeedRange.fresh(count: 60) {
      var random = SplitMix(seed: seed)
      let token = ScriptedToken()
      token.answer = { command, _ in
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
          var bytes = random.bytes(60)
          if Bool.random(using: &random) { bytes[0] = 0x80 | command }
          if Bool.random(using: &random) { bytes[1] = 0 }
          if Bool.random(using: &random) { bytes[0] &= 0x01 }
          let isOurs = Int.random(in: 0..<8, using: &random) > 0
          return Report(
            isOurs ? token.channel : UInt32.random(in: 0 ... .max, using: &random), bytes)
        }
      }
      var patience = Patience.short
      patience.answer = .milliseconds(3)
      patience.command = .milliseconds(10)
      patience.busy = .milliseconds(10)
      let session = try FramingSessionTests.session(token, patience: patience)
      for _ in 0..<5 {
        do {
          let answer = try session.transact(.applet, [1].span)
          #expect(answer.count <= 7609, "repeat with: \(seed)")
        } catch {
          #expect(!error.description.isEmpty, "repeat with: \(seed)")
        }
      }
    }
  }

  @Test("that answers commands with random or damaged fields is met with typed failures only")
  func randomFields() throws {
    var taken = 0
    var refused = 0
    for seed in SeedRange.fresh(count: 400) {
      var random = SplitMix(seed: seed)
      let token = ScriptedToken.selectable { request in
        var answer = Self.wellFormedAnswer(to: request[1]) ?? random.bytes(40)
        for _ in 0..<Int.random(in: 0...3, using: &random) where !answer.isEmpty {
          let index = Int.random(in: 0..<answer.count, using: &random)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: answer[index] = UInt8(truncatingIfNeeded: random.next())
          case 1: answer.removeLast(Int.random(in: 0...answer.count, using: &random))
          case 2: answer.insert(UInt8(truncatingIfNeeded: random.next()), at: index)
          default: answer[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
          }
        }
        return [0x90, 0x00] + answer
      }
      let session = try TokenSession(over: token, patience: .ample)
      for command in try Self.commands {
        do {
          try command(session)
          taken += 1
        } catch let failure as TokenFailure {
          #expect(!failure.description.isEmpty, "repeat with: \(seed)")
          refused += 1
        }
      }
    }
    #expect(taken > 0 && refused > 0)
  }

  /// What a token answers that is in order, by instruction.
  static func wellFormedAnswer(to instruction: UInt8) -> [UInt8]? {
    let time: [UInt8] = [0xD0, 8, 0, 6, 0x20, 0, 0, 0, 0, 0]
    let bound: [UInt8] = [0xD1, 8, 0, 0, 0, 0, 0, 0, 0x10, 0]
    switch Instruction(rawValue: instruction) {
    case .list: return [0x72, 5, 0x21, 0x61, 0x3A, 0x62, 0]
    case .calculate, .calculateStaged: return [0x76, 5, 6, 0x0F, 0xFF, 0xFF, 0xFF] + time + bound
    case .selectOrCalculateAll:
      return [0x71, 3, 0x61, 0x3A, 0x62, 0x76, 5, 8, 0, 0, 0, 1] + time + bound
    case .clockStatus:
      return [0xD2, 1, 1, 0x74, 8, 1, 2, 3, 4, 5, 6, 7, 8] + time + bound + [0xD4]
        + time.dropFirst()
        + [0xD3] + bound.dropFirst() + [0xD5, 4, 0xFF, 0xFF, 0xFF, 0]
    case .clockSync: return [0xD6, 1, 2] + time + bound
    case .takeRecoveryCode: return [0xD8, 4, 0x61, 0x62, 0x63, 0x64, 0xD9, 2, 3, 10]
    case .countRecoveryCodes: return [0xD9, 2, 3, 10]
    case .information:
      return [0x79, 3, 5, 4, 3, 0xDB, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0xDA, 1, 1, 0xDC, 2, 3, 64]
        + [0xDD, 1, 0, 0xDE, 3, 0x61, 0x3A, 0x62]
    default: return nil
    }
  }

  static var commands: [(TokenSession) throws -> Void] {
    get throws {
      let name = try Credential.Name(label: "a:b", period: .init(30))
      return [
        { _ = try $0.list() },
        { _ = try $0.information() },
        { _ = try $0.calculate(name) },
        { _ = try $0.calculateStaged(name) },
        { _ = try $0.calculateAll() },
        { _ = try $0.clockStatus() },
        { _ = try $0.syncClock() },
        { _ = try $0.takeRecoveryCode(for: name) },
        { _ = try $0.countRecoveryCodes(for: name) },
        { try $0.rollBack() },
      ]
    }
  }
}

/// Seeds for one run of a randomised test. Each failure prints the one that repeats it.
enum SeedRange {
  static func fresh(count: UInt64) -> Range<UInt64> {
    let first = UInt64.random(in: 0...UInt64.max / 2)
    return first..<first + count
  }
}
