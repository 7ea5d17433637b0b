import OATH
import Testing

@testable import RelyingParty

@Suite("A token's drift")
struct DriftTests {
  @Test("a code one step off is accepted, one two steps off is not", arguments: [-1, 1])
  func oneStepEitherSide(sign: Int64) throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    console.pass(600)
    ann.token!.ahead = sign * 60
    let ticket = try ann.ticket()
    try console.refuses(.wrongCode) {
      try console.party.logIn(ticket, code: ann.token!.code(console.now))
    }
    ann.token!.ahead = sign * 30
    try ann.logIn()
  }

  @Test("a clock that runs off by a step from login to login is followed", arguments: [-1, 1])
  func follows(sign: Int64) throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    for step in 1...10 as ClosedRange<Int64> {
      console.pass(86_400)
      ann.token!.ahead = sign * step * 30
      try ann.logIn()
      // What is remembered outlives a restart.
      try console.restart()
    }
    let credential = try #require(try console.party.credentials.active(of: ann.id))
    #expect(credential.drift == Int(sign) * 10)
  }

  @Test("beyond its limit a clock is not followed")
  func limit() throws {
    let console = try Console { $0.driftLimit = 3 }
    let ann = try Person(console, "ann", mfa: true)
    for step in 1...4 as ClosedRange<Int64> {
      console.pass(86_400)
      ann.token!.ahead = step * 30
      try ann.logIn()
    }
    console.pass(86_400)
    ann.token!.ahead = 5 * 30
    let ticket = try ann.ticket()
    try console.refuses(.wrongCode) {
      try console.party.logIn(ticket, code: ann.token!.code(console.now))
    }
  }

  @Test("a token whose clock was set right after it had drifted is not shut out")
  func setRight() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    for step in 1...5 as ClosedRange<Int64> {
      console.pass(86_400)
      ann.token!.ahead = -step * 30
      try ann.logIn()
    }
    console.pass(86_400)
    ann.token!.ahead = 0
    try ann.logIn()
    #expect(try console.party.credentials.active(of: ann.id)?.drift == 0)
  }

  @Test("an update takes the first code of a new key on a token that has drifted")
  func updateOnDriftedToken() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    for step in 1...4 as ClosedRange<Int64> {
      console.pass(86_400)
      ann.token!.ahead = step * 30
      try ann.logIn()
    }
    var renewed = TestToken(try console.party.beginUpdate(ann.session))
    renewed.ahead = 4 * 30
    _ = try console.party.activate(ann.session, code: renewed.code(console.now))
    #expect(try console.party.credentials.active(of: ann.id)?.drift == 4)
  }

  @Test("whatever the drift, no code is accepted twice and none out of order")
  func neverTwice() throws {
    for seed in 1...20 as ClosedRange<UInt64> {
      var random = SplitMix(state: seed)
      let console = try Console { $0.codeTries = .never }
      let ann = try Person(console, "ann", mfa: true)
      var last: Int64 = -1
      for _ in 0..<40 {
        console.pass(Int64.random(in: 0...45, using: &random))
        ann.token!.ahead = Int64.random(in: -120...120, using: &random)
        let step = (console.now.rawValue + ann.token!.ahead) / 30
        let ticket = try ann.ticket()
        do {
          _ = try console.party.logIn(ticket, code: ann.token!.code(console.now))
          #expect(step > last, "repeat with: seed \(seed)")
          last = step
        } catch Refusal.wrongCode, Refusal.codeUsed {}
      }
      #expect(last > 0, "repeat with: seed \(seed)")
    }
  }
}

/// Steele, Lea and Flood's SplitMix64: a generator that a printed seed repeats.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension TryLimit {
  /// For tests about something else.
  static let never = TryLimit(
    free: 1_000_000, firstDelay: Seconds(0), lockAfter: 1_000_000, firstLock: Seconds(0),
    longestLock: Seconds(0))
}
