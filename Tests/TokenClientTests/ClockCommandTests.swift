import OATH
import Testing
import TokenCore

@testable import TokenClient

@Suite("A token's clock", .timeLimit(.minutes(2)))
struct ClockCommandTests {
  static let password = Sample.secret("correct horse")

  @Test("is unset at first, takes the host's time while nothing is stored, and runs from then on")
  func firstTime() throws {
    let token = TokenOnTheBench()
    let session = try token.session()
    let fresh = try session.clockStatus()
    #expect(fresh.state == .unset)
    #expect(fresh.reading == nil)

    let before = HostClock.now
    let correction = try session.syncClock()
    let after = HostClock.now + correction.uncertainty
    #expect(correction.outcome == .set)
    #expect(correction.difference == nil)
    #expect(before <= correction.time && correction.time <= after)
    #expect(correction.bound >= .zero)

    let running = try session.clockStatus()
    #expect(running.state == .running)
    let reading = try #require(running.reading)
    #expect(reading.time >= correction.time)
    #expect(reading.lastSync <= reading.time)
  }

  @Test("that was never set gives no code, and takes its first time whatever is stored")
  func neverSet() throws {
    let session = try TokenOnTheBench().session()
    try session.put(Sample.credential("a"))
    #expect(throws: TokenFailure.clockUnset) { try session.calculate(Sample.name("a")) }
    guard case .clockUnset = try session.calculateAll().first?.outcome else {
      Issue.record("the code of a token without the time")
      return
    }
    #expect(try session.syncClock().outcome == .set)
    _ = try session.calculate(Sample.name("a"))
  }

  @Test("that was never set takes no time from anybody once a code was computed")
  func firstTimeRefused() throws {
    let session = try TokenOnTheBench().session()
    let secret = SecretBytes([UInt8](repeating: 7, count: 20).span)
    let name = try Credential.Name(hotpLabel: "counts")
    try session.put(NewCredential(name: name, secret: secret))
    _ = try session.calculate(name)
    #expect(throws: TokenFailure.firstTimeRefused) { try session.syncClock() }
  }

  @Test("that stopped gives no code and takes no time, and is said to have stopped")
  func lost() throws {
    let token = TokenOnTheBench()
    let session = try token.session()
    _ = try session.syncClock()
    try session.put(Sample.credential("a"))
    token.restart { $0.tickEpoch = TickEpoch(rawValue: 2) }
    let next = try token.session()
    #expect(try next.clockStatus().state == .lost)
    #expect(throws: TokenFailure.clockLost) { try next.calculate(Sample.name("a")) }
    #expect(throws: TokenFailure.clockLost) { try next.syncClock() }
    guard case .clockLost = try next.calculateAll().first?.outcome else {
      Issue.record("the code of a token that lost the time")
      return
    }
  }

  @Test("goes on over a restart of the token")
  func restart() throws {
    let token = TokenOnTheBench()
    let session = try token.session()
    let correction = try session.syncClock()
    token.restart()
    token.pass(seconds: 100)
    let time = try #require(try token.session().clockStatus().reading?.time)
    #expect(time - correction.time >= Microseconds(100_000_000))
  }

  @Test("is sent a time that lies in the host's present, with an uncertainty that covers the way")
  func sentTime() throws {
    let token = ScriptedToken.selectable(Self.clockAnswer)
    let session = try TokenSession(over: token, patience: .ample)
    let before = HostClock.now
    let correction = try session.syncClock()
    let after = HostClock.now
    let request = try #require(token.requests.last?.payload)
    let (time, uncertainty) = Self.timeAndUncertainty(in: request)
    #expect(before <= time && time <= after + uncertainty)
    #expect(uncertainty == correction.uncertainty)
    #expect(HostClock().error < uncertainty && uncertainty.rawValue <= 3_600_000_000)
  }

  @Test("is set by a proof over a nonce that the token gave for it, the time and the uncertainty")
  func proof() throws {
    let token = ScriptedToken.selectable(Self.clockAnswer)
    let session = try TokenSession(over: token, patience: .ample)
    let key = try session.accessKey(password: Self.password)
    _ = try session.setClock(with: key)
    let request = try #require(token.requests.last?.payload)
    #expect(request[1] == Instruction.clockSet.rawValue)
    let nonce = [UInt8](repeating: Self.nonceMark, count: 8)
    let message = [Instruction.clockSet.rawValue] + nonce + request[5..<25]
    #expect(Array(request[25...]) == [0xD7, 20] + key.response(to: message))
  }

  private static let nonceMark: UInt8 = 0xEE

  /// A clock that was never set, and takes what it is given.
  private static func clockAnswer(_ request: [UInt8]) -> [UInt8]? {
    switch Instruction(rawValue: request[1]) {
    case .clockStatus: [0x90, 0x00, 0xD2, 1, 0]
    case .nonce: [0x90, 0x00, 0x74, 8] + [UInt8](repeating: nonceMark, count: 8)
    case .clockSync, .clockSet:
      [0x90, 0x00, 0xD6, 1, 0] + request[5..<25]
    default: nil
    }
  }

  /// CLA, INS, P1, P2, Lc; `D0` 8 and the time; `D1` 8 and the uncertainty.
  private static func timeAndUncertainty(in request: [UInt8]) -> (UnixTime, Microseconds) {
    func number(_ range: Range<Int>) -> Int64 { request[range].reduce(0) { $0 << 8 | Int64($1) } }
    return (UnixTime(microseconds: number(7..<15)), Microseconds(number(17..<25)))
  }

  @Test("that is further off than its crystal explains is not corrected without the access key")
  func timeTraveller() throws {
    let token = TokenOnTheBench()
    let session = try token.session()
    let key = try session.accessKey(password: Self.password)
    try session.setAccessKey(key)
    _ = try session.syncClock()
    try session.put(Sample.credential("a"))
    token.pass(seconds: 3600)
    #expect(throws: TokenFailure.syncOutOfBounds) { try session.syncClock() }

    let wrong = try session.accessKey(password: Sample.secret("wrong horse"))
    #expect(throws: TokenFailure.wrongAccessKey) { try session.setClock(with: wrong) }
    let ahead = try #require(try session.clockStatus().reading?.difference)
    #expect(ahead > Microseconds(3_000_000_000))

    #expect(try session.setClock(with: key).outcome == .set)
    let left = try #require(try session.clockStatus().reading?.difference)
    #expect(left < Microseconds(3_000_000_000))
  }

  @Test("cannot be set freely without an access key")
  func noKey() throws {
    let session = try TokenOnTheBench().session()
    let key = try session.accessKey(password: Self.password)
    #expect(throws: TokenFailure.noAccessKey) { try session.setClock(with: key) }
    // Nor with one that was set when there was something to win by it.
    try session.put(Sample.credential("a"))
    try session.setAccessKey(key)
    #expect(throws: TokenFailure.noAccessKey) { try session.setClock(with: key) }
  }

  @Test("that may be half a period off gives no code")
  func uncertain() throws {
    let token = TokenOnTheBench()
    let session = try token.session()
    _ = try session.syncClock()
    try session.put(Sample.credential("a"))
    token.pass(seconds: 30 * 86_400)
    #expect(throws: TokenFailure.clockUncertain) { try session.calculate(Sample.name("a")) }
  }
}
