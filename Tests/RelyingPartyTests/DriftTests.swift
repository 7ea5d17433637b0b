import OATH
import Testing

@testable import RelyingParty

@Suite("A token's drift", .onEachStore)
struct DriftTests {
  /// Requires that the code that the token shows now is refused as a wrong one.
  private func refuses(
    _ person: Person, _ ticket: LoginTicket, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let console = person.console
    try console.refuses(.wrongCode, sourceLocation: sourceLocation) {
      try console.party.logIn(ticket, code: person.token!.code(console.now))
    }
  }

  @Test("a code one step off is accepted, one two steps off is not", arguments: [-1, 1])
  func oneStepEitherSide(sign: Int64) throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    console.pass(600)
    ann.token!.ahead = sign * 60
    let ticket = try ann.ticket()
    try refuses(ann, ticket)
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
    try refuses(ann, ticket)
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
    ann.session = try console.party.activate(ann.session, code: renewed.code(console.now)).session
    #expect(try console.party.credentials.active(of: ann.id)?.drift == 4)
  }

  @Test("the window widens with the time since the last login, and only so far")
  func widens() throws {
    let rules = Policy().tokenClock
    let month = UInt64(rules.wideningSteps)
    let clock = TokenClock(drift: 3, lastStep: Step(1_000_003))
    for (months, tolerance) in [(0, 1), (1, 2), (2, 3), (3, 4), (40, 4)] as [(UInt64, Int)] {
      #expect(clock.tolerance(at: Step(1_000_000 + months * month), rules) == tolerance)
    }
    // Our own clock was set back.
    #expect(clock.tolerance(at: Step(5), rules) == 1)

    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    console.pass(90 * 86_400)
    ann.token!.ahead = 4 * 30
    try ann.logIn()
    #expect(try console.party.credentials.active(of: ann.id)?.drift == 4)
    // From here on it is where it was, and as narrow as before.
    console.pass(86_400)
    ann.token!.ahead = 6 * 30
    let ticket = try ann.ticket()
    try refuses(ann, ticket)
  }

  @Test("a clock that is far off is found again by two codes in a row", arguments: [-8, 15])
  func resynchronises(steps: Int64) throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    console.pass(86_400)
    ann.token!.ahead = steps * 30
    let ticket = try ann.ticket()
    let first = ann.token!.code(console.now)
    try console.refuses(.wrongCode) { try console.party.logIn(ticket, code: first) }
    // The same code again is not the next one.
    try console.refuses(.wrongCode) { try console.party.logIn(ticket, code: first) }
    try console.restart()
    console.passStep()
    let second = ann.token!.code(console.now)
    ann.session = try console.party.logIn(ticket, code: second).session
    #expect(try console.party.credentials.active(of: ann.id)?.drift == Int(steps))
    // Neither of the two is taken any more, and the next one alone is enough.
    let next = try ann.ticket()
    try console.refuses(.codeUsed) { try console.party.logIn(next, code: second) }
    console.passStep()
    _ = try console.party.logIn(next, code: ann.token!.code(console.now))
  }

  @Test("two codes that are not in a row, or with a wrong one between them, find nothing")
  func notConsecutive() throws {
    let console = try Console { $0.codeTries = .never }
    let ann = try Person(console, "ann", mfa: true)
    console.pass(86_400)
    ann.token!.ahead = 10 * 30
    let ticket = try ann.ticket()
    try refuses(ann, ticket)
    console.pass(60)
    try refuses(ann, ticket)
    try console.refuses(.wrongCode) { try console.party.logIn(ticket, code: ann.wrongCode()) }
    console.passStep()
    try refuses(ann, ticket)
    console.passStep()
    _ = try console.party.logIn(ticket, code: ann.token!.code(console.now))
  }

  @Test("beyond the reach of two codes a clock is not found")
  func outOfReach() throws {
    let console = try Console { $0.codeTries = .never }
    let ann = try Person(console, "ann", mfa: true)
    console.pass(86_400)
    ann.token!.ahead = 21 * 30
    let ticket = try ann.ticket()
    for _ in 0..<3 {
      try refuses(ann, ticket)
      console.passStep()
    }
  }

  @Test("a token that was ahead and is set right logs in at once", arguments: [5, 60, 120])
  func setRightFromAhead(steps: Int64) throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    try console.party.database.run("UPDATE credential SET drift = ?", Int(steps))
    console.pass(86_400)
    ann.token!.ahead = steps * 30
    try ann.logIn()
    ann.token!.ahead = 0
    for _ in 0..<3 {
      try ann.logIn()
      #expect(try console.party.credentials.active(of: ann.id)?.drift == 0)
      try console.restart()
    }
  }

  @Test("what was submitted while the token was ahead is not accepted when its time comes")
  func spentAhead() throws {
    let console = try Console { $0.codeTries = .never }
    let ann = try Person(console, "ann", mfa: true)
    console.pass(86_400)
    // Two in a row, by which a token is found 20 steps, or 600 s, ahead; and two more logins there.
    ann.token!.ahead = 600
    let ticket = try ann.ticket()
    var seen = [ann.token!.code(console.now)]
    try refuses(ann, ticket)
    console.passStep()
    seen.append(ann.token!.code(console.now))
    _ = try console.party.logIn(ticket, code: seen[1])
    for _ in 0..<2 {
      console.passStep()
      seen.append(ann.token!.code(console.now))
      _ = try console.party.logIn(ann.ticket(), code: seen.last!)
    }
    // Set right, it logs in at once, which moves the drift.
    ann.token!.ahead = 0
    console.passStep()
    try ann.logIn()
    console.pass(600 - 5 * 30)
    for (number, code) in seen.enumerated() {
      #expect(ann.token!.code(console.now) == code, "its time has come")
      let ticket = try ann.ticket()
      try console.refuses(.codeUsed) { try console.party.logIn(ticket, code: code) }
      try console.refuses(.codeUsed) { try console.party.logIn(ticket, code: seen[0]) }
      if number == 1 { try console.restart() }
      console.passStep()
    }
    try ann.logIn()
  }

  @Test("two codes in a row that somebody saw are not accepted 600 s later")
  func seenCodes() throws {
    let console = try Console { $0.codeTries = .never }
    let ann = try Person(console, "ann", mfa: true)
    console.pass(86_400)
    let seen = [0, 30].map { ann.token!.code(Seconds(console.now.rawValue + $0)) }
    console.pass(600)
    let ticket = try ann.ticket()
    for code in seen {
      try console.refuses(.wrongCode) { try console.party.logIn(ticket, code: code) }
      console.passStep()
    }
  }

  @Test("a first code of two that led to no login is good for none either")
  func firstCodeIsSpent() throws {
    let console = try Console { $0.codeTries = .never }
    let ann = try Person(console, "ann", mfa: true)
    console.pass(86_400)
    ann.token!.ahead = 600
    let first = ann.token!.code(console.now)
    let ticket = try ann.ticket()
    try refuses(ann, ticket)
    console.pass(600)
    let later = try ann.ticket()
    try console.refuses(.codeUsed) { try console.party.logIn(later, code: first) }
  }

  @Test("whatever the drift, no code is accepted twice, and none that is older than a login")
  func neverTwice() throws {
    for seed in 1...20 as ClosedRange<UInt64> {
      var random = SplitMix(state: seed)
      let console = try Console { $0.codeTries = .never }
      let ann = try Person(console, "ann", mfa: true)
      var accepted: Set<Int64> = []
      var lastLogin: Int64 = -1
      for _ in 0..<40 {
        console.pass(Int64.random(in: 0...45, using: &random))
        ann.token!.ahead = Int64.random(in: -120...120, using: &random)
        let step = (console.now.rawValue + ann.token!.ahead) / 30
        let ticket = try ann.ticket()
        do {
          _ = try console.party.logIn(ticket, code: ann.token!.code(console.now))
          #expect(accepted.insert(step).inserted, "repeat with: seed \(seed)")
          #expect(step >= lastLogin - 4, "repeat with: seed \(seed)")
          lastLogin = console.now.rawValue / 30
        } catch Refusal.wrongCode, Refusal.codeUsed {}
      }
      #expect(accepted.count > 1, "repeat with: seed \(seed)")
    }
  }

  @Test("a right code that races with itself on a token set right makes one login")
  func setRightRace() throws {
    let console = try Console { $0.codeTries = .never }
    let ann = try Person(console, "ann", mfa: true)
    try console.party.database.run("UPDATE credential SET drift = 20")
    console.pass(86_400)
    ann.token!.ahead = 600
    try ann.logIn()
    ann.token!.ahead = 0
    let id = try ann.id
    let code = ann.token!.code(console.now)
    // Both have judged before either of them takes it.
    let first = try console.party.credentials.active(of: id)!
    let rules = console.policy.tokenClock
    let verdict = first.verify(Array(code.utf8), at: console.now, rules)
    guard case .right(let step, let drift) = verdict else { throw Unexpected() }
    let party = try console.party
    let taken = try (0..<2).map { _ in
      try party.database.conditionally { () throws(Refusal) in
        try party.credentials.advance(first, to: step, drift: drift, rules)
      }
    }
    #expect(taken == [true, false])
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
