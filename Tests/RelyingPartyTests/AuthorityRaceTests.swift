import Foundation
import OATH
import Synchronization
import Testing

@testable import RelyingParty

@Suite("Authority that races", .onEachStore)
struct AuthorityRaceTests {
  private typealias Act = @Sendable (RelyingParty) throws -> Void

  /// Does all at once, each on a thread and a connection of its own; returns who was refused with what.
  private func race(_ console: Console, _ acts: [Act]) throws -> [Refusal?] {
    nonisolated(unsafe) let parties = try acts.map { _ in try console.open() }
    let outcomes = Mutex<[Int: Refusal]>([:])
    DispatchQueue.concurrentPerform(iterations: acts.count) { index in
      do {
        try acts[index](parties[index])
      } catch {
        outcomes.withLock { $0[index] = error as? Refusal ?? .storage(.busy) }
      }
    }
    return outcomes.withLock { found in acts.indices.map { found[$0] } }
  }

  @Test("two operators who dismiss each other at once leave one")
  func dismissal() throws {
    for _ in 0..<5 {
      let console = try Console()
      let (ann, bob) = (
        try Person(console, "ann", mfa: true), try Person(console, "bob", mfa: true)
      )
      for person in [ann, bob] { try console.party.appointOperator(person.email) }
      let (first, second) = (try ann.id, try bob.id)
      let sessions = (ann.session, bob.session)
      let outcomes = try race(
        console,
        [
          { try $0.dismissOperator(second, sessions.0) },
          { try $0.dismissOperator(first, sessions.1) },
        ])
      #expect(outcomes.count { $0 == nil } == 1)
      #expect(try console.party.operators().count == 1)
    }
  }

  @Test("a case that two operators approve while the person stops it is decided once")
  func approval() throws {
    for _ in 0..<5 {
      let console = try Console { $0.recoveryWait = Seconds(3600) }
      let ann = try Person(console, "ann", mfa: true)
      let desk = try ["one", "two"].map { try Person(console, $0, mfa: true) }
      let party = try console.party
      for person in desk { try party.appointOperator(person.email) }
      let ticket = try ann.ticket()
      let id = try party.openRecovery(ticket, isCorporate: false).id
      try party.handIn(RecoveryTests.personal, ticket)
      _ = try party.submitRecovery(ticket)
      let (own, judges) = (ann.session, desk.map(\.session))
      let outcomes = try race(
        console,
        [
          { try $0.approveRecovery(id, judges[0]) }, { try $0.approveRecovery(id, judges[1]) },
          { try $0.withdrawRecovery(own) },
        ])
      #expect(outcomes[..<2].count { $0 == nil } <= 1)
      #expect(outcomes[2] == nil)
      #expect(try party.recoveries.find(id)?.state == .withdrawn)
      console.pass(3600)
      #expect(try ann.logIn().means == .code)
    }
  }

  @Test("a member who joins another Organization at that moment is reset before it or not at all")
  func resetAndJoin() throws {
    for _ in 0..<5 {
      let console = try Console()
      let mallory = try Person(console, "mallory", mfa: true)
      let banker = try Person(console, "banker", mfa: true)
      let ann = try Person(console, "ann", mfa: true)
      let club = try mallory.makeOrganization("Club", [ann])
      let bank = try banker.makeOrganization("Bank")
      try console.party.invite(ann.email, to: bank, banker.session)
      let id = try ann.id
      let (judge, own) = (mallory.session, ann.session)
      let outcomes = try race(
        console,
        [
          { try $0.resetMFA(of: id, in: club, typed: "RESET", judge) },
          { try $0.join(bank, own) },
        ])
      // The reset ends the session that would have joined.
      #expect(outcomes == [nil, .sessionEnded] || outcomes == [.resetNotPermitted, nil])
      #expect(try console.party.credentials.isActive(of: id) == (outcomes[0] != nil))
    }
  }

  @Test("of two Owners who demote each other at once, one stays")
  func owners() throws {
    for _ in 0..<5 {
      let console = try Console()
      let (ann, bob) = (try Person(console, "ann"), try Person(console, "bob"))
      let acme = try ann.makeOrganization("Acme", [bob])
      try console.party.setRole(.owner, of: bob.id, in: acme, ann.session)
      let (first, second) = (try ann.id, try bob.id)
      let sessions = (ann.session, bob.session)
      _ = try race(
        console,
        [
          { try $0.setRole(.member, of: second, in: acme, sessions.0) },
          { try $0.setRole(.member, of: first, in: acme, sessions.1) },
        ])
      let members = try console.party.members(of: acme, ann.session)
      #expect(members.count { $0.role == .owner } == 1)
    }
  }
}
