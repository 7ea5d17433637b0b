import OATH
import Testing
import TokenCore

@testable import TokenClient

/// A session, its token, and one time for both.
private struct Desk {
  let token: TokenOnTheBench
  let session: TokenSession
  private let clock = HandClock()

  init(_ token: TokenOnTheBench = TokenOnTheBench()) throws {
    self.token = token
    session = try token.session()
    session.now = { [clock] in clock.now }
  }

  func pass(seconds: UInt64) {
    clock.now = Deadline(nanoseconds: clock.now.nanoseconds + seconds * 1_000_000_000)
    token.pass(seconds: seconds)
  }

  func setPassword(_ password: String = "horse") throws {
    try session.setAccessKey(session.accessKey(password: Sample.secret(password)))
  }
}

private final class HandClock {
  var now = Deadline.now
}

@Suite("A proof that a session gave", .timeLimit(.minutes(2)))
struct ProofTests {
  private func pin(_ digits: String = "31415926") throws -> UserPIN {
    try UserPIN(Sample.secret(digits))
  }

  @Test(
    "is renewed when the token has let it end, by silence, by age, and at a change of the bus",
    arguments: ["silence", "age", "bus"])
  func renewal(_ cause: String) throws {
    let desk = try Desk()
    try desk.session.put(Sample.credential("a"))
    try desk.setPassword()
    switch cause {
    case "silence": desk.pass(seconds: 180)
    case "age":
      for _ in 0..<22 {
        desk.pass(seconds: 30)
        _ = try desk.session.information()
      }
    default: desk.token.busChanged()
    }
    #expect(!desk.session.isLocked)
    #expect(try desk.session.list().count == 1)
  }

  @Test("is renewed before it runs out, so that the token refuses nothing")
  func early() throws {
    let desk = try Desk()
    try desk.setPassword()
    desk.pass(seconds: 56)
    let before = desk.token.commandChannels.count
    #expect(try desk.session.list().isEmpty)
    // SELECT, VALIDATE, LIST: not LIST twice.
    #expect(desk.token.commandChannels.count - before == 3)
    desk.pass(seconds: 40)
    #expect(try desk.session.list().isEmpty)
    #expect(desk.token.commandChannels.count - before == 4)
  }

  @Test("is not renewed with a password that another program has changed")
  func changedMeanwhile() throws {
    let desk = try Desk()
    try desk.setPassword()
    let other = try desk.token.session()
    try other.validate(other.accessKey(password: Sample.secret("horse")))
    try other.setAccessKey(other.accessKey(password: Sample.secret("donkey")))
    #expect(throws: TokenFailure.locked) { try desk.session.list() }
    #expect(desk.session.isLocked)
  }

  @Test("of the PIN is renewed by another press of the button, of which the person is told")
  func pinRenewal() throws {
    let desk = try Desk()
    _ = try desk.session.syncClock()
    try desk.session.put(Sample.credential("a"))
    desk.token.pressesButton = true
    let pin = try pin()
    try desk.session.setPIN(pin)
    var told = 0
    desk.session.verifiesAgain = { told += 1 }
    try desk.session.verify(pin)
    // Ten minutes, in which it is used.
    for _ in 0..<19 {
      desk.pass(seconds: 30)
      _ = try desk.session.calculate(Sample.name("a"))
    }
    #expect(told == 0)
    desk.pass(seconds: 45)
    _ = try desk.session.calculate(Sample.name("a"))
    #expect(told == 1)
    desk.token.pressesButton = false
    desk.pass(seconds: 61)
    #expect(throws: TokenFailure.notTouched) { try desk.session.calculate(Sample.name("a")) }
    #expect(told == 2)
  }

  @Test("of the PIN does not end by silence while a person thinks")
  func keptVerified() throws {
    let desk = try Desk()
    _ = try desk.session.syncClock()
    try desk.session.put(Sample.credential("a"))
    desk.token.pressesButton = true
    let pin = try pin()
    try desk.session.setPIN(pin)
    try desk.session.verify(pin)
    desk.session.verifiesAgain = { Issue.record("another press is asked for") }
    for _ in 0..<180 {
      desk.pass(seconds: 1)
      try desk.session.keepVerified()
    }
    _ = try desk.session.calculate(Sample.name("a"))
  }

  @Test("is given once more on a new channel when the token has forgotten the old one")
  func restarted() throws {
    let desk = try Desk()
    try desk.session.put(Sample.credential("a"))
    try desk.setPassword()
    let channel = desk.session.framing.channel
    desk.token.restart()
    #expect(try desk.session.list().count == 1)
    #expect(desk.session.framing.channel != channel)
    try desk.session.ping([1, 2, 3])
  }

  @Test("and the session survive that other programs take all channels of the token")
  func crowd() throws {
    let token = TokenOnTheBench()
    let owner = try token.session()
    for _ in 0..<40 {
      let other = try token.session()
      _ = try other.list()
      #expect(try owner.list().isEmpty)
    }
    let idle = try token.session()
    let idleChannel = idle.framing.channel
    for _ in 0..<20 { _ = try token.session() }
    #expect(try idle.list().isEmpty)
    #expect(idle.framing.channel != idleChannel)
  }

  @Test("is not given to a token that is another one, or was reset by another program")
  func replaced() throws {
    let desk = try Desk()
    try desk.setPassword()
    desk.token.pressesButton = true
    try desk.token.session().reset()
    desk.token.restart()
    #expect(throws: TokenFailure.replaced(place: "bench")) { try desk.session.list() }
  }

  @Test("ends with the session", arguments: ["close", "released"])
  func farewell(_ how: String) throws {
    let token = TokenOnTheBench()
    var owner: TokenSession? = try token.session()
    try owner?.setAccessKey(#require(try owner?.accessKey(password: Sample.secret("horse"))))
    let channel = try #require(owner?.framing.channel)
    #expect(try Neighbour(token).word(of: .list, on: channel) == 0x9000)
    if how == "close" { owner?.close() }
    owner = nil
    #expect(try Neighbour(token).word(of: .list, on: channel) == 0x6982)
  }

  @Test("ends with the session even while the button is awaited, and what is staged ends too")
  func farewellToTheRest() throws {
    let token = TokenOnTheBench()
    let session = try token.session()
    try session.put(Sample.credential("a"))
    try session.stage(Sample.credential("a", secret: "the new secret of a"))
    try session.lock(seconds: 10)
    session.close()
    let other = try token.session()
    #expect(try other.information().staging == .none)
  }

  @Test("is told to end even when the person waits no longer, and the session is only let go of")
  func farewellInHaste() throws {
    let token = TokenOnTheBench()
    var owner: TokenSession? = try token.session()
    try owner?.setAccessKey(#require(try owner?.accessKey(password: Sample.secret("horse"))))
    let channel = try #require(owner?.framing.channel)
    owner?.framing.isCancelled = { true }
    owner?.framing.cancelledAt = Deadline(nanoseconds: 1)
    owner = nil
    #expect(try Neighbour(token).word(of: .list, on: channel) == 0x6982)
  }

  @Test("costs a short wait at the end, and no more, when the token does not answer")
  func farewellToTheDeaf() throws {
    let token = ScriptedToken { _, payload in
      switch Instruction(rawValue: payload[1]) {
      case .stage: [0x90, 0x00]
      default: ScriptedToken.selection
      }
    }
    var patience = Patience.ample
    patience.farewell = .milliseconds(20)
    let session = try TokenSession(over: token, patience: patience)
    try session.stage(Sample.credential("a"))
    token.greet = { _ in [] }
    let greetings = token.greetings
    session.close()
    #expect(token.greetings > greetings)
    token.failure = .vanished(place: "script")
    session.close()
  }

  @Test("is not needed by who proved nothing, who leaves without a word")
  func silentFarewell() throws {
    let token = ScriptedToken.selectable { _ in nil }
    let session = try TokenSession(over: token, patience: .ample)
    session.close()
    #expect(token.greetings == 1)
  }
}

@Suite("What changes who may get in", .timeLimit(.minutes(2)))
struct OwnProofTests {
  private func pin(_ digits: String) throws -> UserPIN { try UserPIN(Sample.secret(digits)) }

  @Test("is refused to who has not given the password that is set")
  func locked() throws {
    let token = TokenOnTheBench()
    token.pressesButton = true
    let owner = try token.session()
    try owner.setAccessKey(owner.accessKey(password: Sample.secret("horse")))
    let other = try token.session()
    let key = try other.accessKey(password: Sample.secret("donkey"))
    #expect(throws: TokenFailure.locked) { try other.setAccessKey(key) }
    #expect(throws: TokenFailure.locked) { try other.clearAccessKey() }
    #expect(throws: TokenFailure.locked) { try other.setPIN(pin("31415926")) }
    #expect(throws: TokenFailure.wrongAccessKey) { _ = try other.setClock(with: key) }
    #expect(try owner.list().isEmpty)
  }

  @Test("is carried out long after the password was proved, with a proof of its own")
  func later() throws {
    let token = TokenOnTheBench()
    token.pressesButton = true
    let session = try token.session()
    try session.setAccessKey(session.accessKey(password: Sample.secret("horse")))
    token.pass(seconds: 3_600)
    try session.setPIN(pin("31415926"))
    token.pass(seconds: 3_600)
    #expect(
      try session.setClock(with: session.accessKey(password: Sample.secret("horse"))).outcome
        == .set)
    token.pass(seconds: 3_600)
    try session.setAccessKey(session.accessKey(password: Sample.secret("donkey")))
    token.pass(seconds: 3_600)
    try session.clearAccessKey()
    #expect(!session.hasAccessKey)
  }

  @Test("on a token that has only a PIN takes the PIN and a press, and spends a try")
  func pinOnly() throws {
    let token = TokenOnTheBench()
    token.pressesButton = true
    let session = try token.session()
    try session.setPIN(pin("31415926"))
    let key = try session.accessKey(password: Sample.secret("horse"))
    #expect(throws: TokenFailure.pinNeeded) { try session.setAccessKey(key) }
    #expect(throws: TokenFailure.wrongPIN(triesLeft: 7)) {
      try session.setAccessKey(key, pin: pin("27182818"))
    }
    token.pressesButton = false
    #expect(throws: TokenFailure.notTouched) {
      try session.setAccessKey(key, pin: pin("31415926"))
    }
    token.pressesButton = true
    try session.setAccessKey(key, pin: pin("31415926"))
    #expect(session.hasAccessKey && !session.isLocked)
    #expect(try session.information().pinTries == 8)
  }

  @Test("does not reset a token that holds something without a press of the button")
  func reset() throws {
    let token = TokenOnTheBench()
    let session = try token.session()
    try session.put(Sample.credential("a"))
    #expect(throws: TokenFailure.notTouched) { try session.reset() }
    #expect(try session.list().count == 1)
    token.pressesButton = true
    try session.reset()
    #expect(try session.list().isEmpty)
  }
}

/// Another program with reports of its own making.
struct Neighbour {
  private let token: TokenOnTheBench
  private let cable: TokenOnTheBench.Cable

  init(_ token: TokenOnTheBench) throws {
    self.token = token
    cable = token.cable()
  }

  /// The status word of a command without data, sent on another program's channel.
  func word(of instruction: Instruction, on channel: ChannelID) throws -> UInt16 {
    token.take(
      Report(
        channel.rawValue,
        [0x80 | FramingCommand.applet.rawValue, 0, 4, 0, instruction.rawValue, 0, 0]))
    while true {
      let report = try #require(try cable.read(before: Deadline(in: .seconds(30))))
      let bytes = report.bytes.span.array
      if bytes[4] == 0x80 | FramingCommand.applet.rawValue {
        return UInt16(bytes[7]) << 8 | UInt16(bytes[8])
      }
    }
  }
}
