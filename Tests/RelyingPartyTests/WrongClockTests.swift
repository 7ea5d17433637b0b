import OATH
import Testing

@testable import RelyingParty

@Suite("A clock that was wrong", .onEachStore)
struct WrongClockTests {
  private static let day: Int64 = 86_400

  @Test("a day ahead and set right, it leaves no session, no ticket and no proof")
  func sessions() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let early = ann.session
    console.pass(Self.day)
    try ann.logIn()
    let (late, ticket) = (ann.session, try ann.ticket())
    console.pass(-Self.day)
    #expect(throws: Refusal.sessionEnded) { try console.party.account(late) }
    #expect(throws: Refusal.ticketEnded) {
      try console.party.resume(ticketCookie: ticket.cookie)
    }
    for _ in 0..<32 {
      console.pass(3600)
      #expect(throws: Refusal.sessionEnded) { try console.party.account(late) }
    }
    #expect(throws: Refusal.sessionEnded) { try console.party.account(early) }
  }

  @Test("a proof from the future is none")
  func proofs() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    console.pass(1000)
    ann.session = try console.party.reauthenticate(ann.session, password: ann.password)
    console.pass(-900)
    #expect(throws: Refusal.reauthenticationNeeded) { try console.party.beginEnable(ann.session) }
    ann.session = try console.party.reauthenticate(ann.session, password: ann.password)
    _ = try console.party.beginEnable(ann.session)
  }

  @Test("a lock from the future lasts no longer than a lock does")
  func locks() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let limit = console.policy.passwordTries
    console.pass(Self.day)
    for attempt in 1...limit.lockAfter {
      #expect(throws: Refusal.wrongNameOrPassword) {
        try console.party.logIn(email: ann.email, password: "another password")
      }
      if attempt < limit.lockAfter { console.pass(limit.wait(after: attempt).rawValue) }
    }
    console.pass(-Self.day)
    let lock = limit.wait(after: limit.lockAfter)
    for passed in [0, 60] as [Int64] {
      console.pass(passed)
      let refusal = try #require(throws: Refusal.self) { try ann.passwordStep() }
      guard case .tooManyTries(let wait) = refusal else { throw refusal }
      #expect(wait.length.rawValue == lock.rawValue - passed && wait.isLocked)
    }
    console.pass(lock.rawValue - 60)
    try ann.logIn()
  }
}
