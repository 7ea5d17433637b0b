import Testing
import TokenCore

@testable import TokenClient

@Suite("A framing session", .timeLimit(.minutes(1)))
struct FramingSessionTests {
  static func session(
    _ token: ScriptedToken, patience: Patience = .ample
  ) throws -> FramingSession {
    let session = FramingSession(over: token, patience: .ample)
    try session.open()
    session.patience = patience
    return session
  }

  static func echo() -> ScriptedToken { ScriptedToken { _, payload in payload } }

  @Test("gets its channel from the answer to its own nonce, whoever else asks at the same time")
  func otherPrograms() throws {
    let token = Self.echo()
    token.greet = { nonce in
      [
        token.greeting([UInt8](repeating: 9, count: 8), granted: 77),
        token.error(.invalidChannel, on: .max),
        Report(0x55, [0x86, 0, 17]),
        token.greeting(nonce),
      ]
    }
    let session = try Self.session(token)
    #expect(session.channel.rawValue == token.channel)
    #expect(session.deviceVersion.description == "0.1.0")
    #expect(session.capabilities == [.wink, .noMessage])
  }

  @Test("carries messages of any length there and back")
  func messages() throws {
    let session = try Self.session(Self.echo())
    for length in [0, 1, 57, 58, 1000, 7609] {
      let message = [UInt8](repeating: UInt8(length & 0xFF), count: length)
      #expect(try session.transact(.ping, message.span) == message)
    }
  }

  @Test("does not take a channel that there cannot be", arguments: [0, UInt32.max])
  func impossibleChannel(_ channel: UInt32) throws {
    let token = Self.echo()
    token.greet = { [token.greeting($0, granted: channel)] }
    #expect { try Self.session(token) } throws: { Self.isNonsense($0) }
  }

  @Test("does not talk to another version of the protocol")
  func otherVersion() throws {
    let token = Self.echo()
    token.greet = { [token.greeting($0, version: 3)] }
    #expect { try Self.session(token) } throws: { Self.isNonsense($0) }
  }

  @Test("asks a busy token again until it has time")
  func busyForAWhile() throws {
    let token = Self.echo()
    var refusals = 2
    token.answer = { command, payload in
      refusals -= 1
      return refusals >= 0 ? [token.error(.channelBusy)] : token.reports(command, payload)
    }
    let session = try Self.session(token)
    #expect(try session.transact(.ping, [1, 2].span) == [1, 2])
    #expect(token.requests.count == 3)
  }

  @Test("gives up on a token that stays busy, and says so")
  func busyForEver() throws {
    let token = Self.echo()
    token.answer = { _, _ in [token.error(.channelBusy)] }
    let session = try Self.session(token, patience: .short)
    #expect(throws: TokenFailure.busy(place: "script")) {
      try session.transact(.ping, [1].span)
    }
  }

  @Test("tells when the button is awaited and when it no longer is, once each")
  func touch() throws {
    let token = Self.echo()
    token.answer = { command, payload in
      [token.keepAlive(.processing), token.keepAlive(.touchNeeded), token.keepAlive(.touchNeeded)]
        + token.reports(command, payload)
    }
    let session = try Self.session(token)
    var told: [Bool] = []
    session.touchIsAwaited = { told.append($0) }
    #expect(try session.transact(.ping, [1].span) == [1])
    #expect(told == [true, false])
    #expect(session.lastWaitedForTouch)
  }

  @Test("cancels on the person's word while the button is awaited, and takes the token's answer")
  func cancelled() throws {
    let token = ScriptedToken()
    token.idle = { token.requests.isEmpty ? nil : token.keepAlive(.touchNeeded) }
    token.answer = { command, _ in
      guard command == FramingCommand.cancel.rawValue else { return [] }
      return token.reports(FramingCommand.applet.rawValue, [0x64, 0x00])
    }
    let session = try Self.session(token)
    session.isCancelled = { true }
    #expect(try session.transact(.applet, [0].span) == [0x64, 0x00])
    #expect(token.requests.map(\.command) == [0x70, 0x11])
  }

  @Test("ends even when the token does not heed CANCEL")
  func cancelUnheeded() throws {
    let token = ScriptedToken()
    token.idle = { token.requests.isEmpty ? nil : token.keepAlive(.touchNeeded) }
    let session = try Self.session(token, patience: .short)
    session.isCancelled = { true }
    #expect(throws: TokenFailure.cancelled) { try session.transact(.applet, [0].span) }
  }

  @Test(
    "gives up a token that is at work for ever, or sends nonsense or nothing, on the person's word")
  func abandoned() throws {
    for kind in 0..<3 {
      let token = ScriptedToken()
      token.idle = {
        kind == 0 || token.requests.isEmpty
          ? nil : kind == 1 ? token.keepAlive(.processing) : Report(0x5555_5555, [1, 2, 3])
      }
      // Without the person's word it would be waited for as long as the test may take.
      let session = try Self.session(token, patience: .ample)
      session.isCancelled = { true }
      #expect(throws: TokenFailure.abandoned(place: "script")) {
        try session.transact(.applet, [0].span)
      }
      // Nor is there an answer to INIT then.
      token.greet = { _ in [] }
      #expect(throws: TokenFailure.abandoned(place: "script")) {
        try session.transact(.applet, [0].span)
      }
    }
  }

  @Test("takes the answer of a token that does answer, though the person has cancelled")
  func cancelledTooLate() throws {
    let session = try Self.session(Self.echo())
    session.isCancelled = { true }
    #expect(try session.transact(.ping, [1].span) == [1])
  }

  @Test("stops waiting for a busy token on the person's word")
  func cancelledWhileBusy() throws {
    let token = Self.echo()
    token.answer = { _, _ in [token.error(.channelBusy)] }
    let session = try Self.session(token)
    session.isCancelled = { true }
    #expect(throws: TokenFailure.cancelled) { try session.transact(.ping, [1].span) }
    #expect(token.requests.count == 1)
  }

  @Test("takes up its channel afresh after an answer that did not come, and skips it when it does")
  func staleAnswer() throws {
    let token = Self.echo()
    var isLate = true
    token.answer = { command, payload in isLate ? [] : token.reports(command, payload) }
    let session = try Self.session(token, patience: .short)
    #expect(throws: TokenFailure.noAnswer(place: "script")) {
      try session.transact(.ping, [1, 1].span)
    }
    session.patience = .ample
    // The late answer comes before the greeting.
    isLate = false
    token.greet = { nonce in
      token.reports(0x01, [1, 1]) + [token.greeting(nonce, on: token.channel)]
    }
    #expect(try session.transact(.ping, [2].span) == [2])
    #expect(token.greetings == 2)
  }

  @Test("says that the token was restarted when it forgot the channel, and gets another one")
  func restarted() throws {
    let token = Self.echo()
    let session = try Self.session(token)
    let answer = token.answer
    token.answer = { _, _ in [token.error(.invalidChannel)] }
    #expect(throws: TokenFailure.restarted(place: "script")) {
      try session.transact(.ping, [1].span)
    }
    token.answer = answer
    token.channel = 99
    #expect(try session.transact(.ping, [1].span) == [1])
    #expect(session.channel.rawValue == 99)
  }

  @Test("says that the token went away when it does")
  func vanished() throws {
    let token = Self.echo()
    let session = try Self.session(token)
    token.failure = .vanished(place: "script")
    #expect(throws: TokenFailure.transport(.vanished(place: "script"))) {
      try session.transact(.ping, [1].span)
    }
  }

  @Test(
    "names every refusal of the framing",
    arguments: [
      FramingError.invalidParameter, .invalidLength, .invalidSequence, .messageTimeout,
      .lockRequired, .other,
    ])
  func framingErrors(_ error: FramingError) throws {
    let token = Self.echo()
    token.answer = { _, _ in [token.error(error)] }
    let session = try Self.session(token)
    #expect(throws: TokenFailure.garbled(error)) { try session.transact(.ping, [1].span) }
  }

  static func isNonsense(_ error: any Error) -> Bool {
    if case .nonsense = error as? TokenFailure { true } else { false }
  }
}
