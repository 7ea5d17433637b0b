import OATH
import Testing

@testable import RelyingParty

@Suite("The time between an approval and its effect", .onEachStore)
struct RecoveryWaitTests {
  private static let wait: Int64 = 24 * 3600

  private func waiting() throws -> Console {
    try Console {
      $0.recoveryWait = Seconds(Self.wait)
      $0.sessionLifetime = Seconds(10 * Self.wait)
      $0.idleLifetime = Seconds(10 * Self.wait)
    }
  }

  private func support(_ console: Console, _ name: String = "support") throws -> Person {
    let support = try Person(console, name, mfa: true)
    try console.party.appointOperator(support.email)
    return support
  }

  private func submit(_ person: Person) throws -> RecoveryCase.ID {
    let ticket = try person.ticket()
    let id = try person.console.party.openRecovery(ticket, isCorporate: false).id
    try person.console.party.handIn(RecoveryTests.personal, ticket)
    return try person.console.party.submitRecovery(ticket).id == id ? id : { throw Unexpected() }()
  }

  @Test("an approval turns MFA off after the wait only, and ends the sessions then")
  func takesEffect() throws {
    let console = try waiting()
    let ann = try Person(console, "ann", mfa: true)
    let support = try support(console)
    let owner = try Person(console, "owner")
    let acme = try owner.makeOrganization("Acme", [ann])
    let zeta = try owner.makeOrganization("Zeta", [ann])
    let party = try console.party
    let id = try submit(ann)
    try party.approveRecovery(id, support.session)
    for organization in [acme, zeta] {
      let entry = try #require(try party.history(of: organization, owner.session).last)
      #expect(entry.event == .recoveryApproved && entry.detail == "takes effect after 1 day")
      #expect(try entry.actor == support.id && entry.subject == ann.id)
    }
    console.pass(Self.wait - 1)
    let ticket = try ann.ticket()
    #expect(try party.pendingRecovery(ann.session)?.state == .waiting)
    console.pass(1)
    let old = ann.session
    #expect(try party.pendingRecovery(old)?.effective == console.now)
    #expect(try ann.logIn().means == .password)
    try console.refuses(.sessionEnded) { try party.account(old) }
    try console.refuses(.ticketEnded) { try party.resume(ticketCookie: ticket.cookie) }
    #expect(try party.recoveries.find(id)?.state == .carriedOut)
    #expect(try party.pendingRecovery(ann.session) == nil)
    for organization in [acme, zeta] {
      #expect(
        try party.history(of: organization, owner.session).last?.event == .recoveryTookEffect)
    }
  }

  @Test("every session of the account sees a pending approval, and any of them stops it")
  func stopped() throws {
    let console = try waiting()
    let ann = try Person(console, "ann", mfa: true)
    let support = try support(console)
    let owner = try Person(console, "owner")
    let acme = try owner.makeOrganization("Acme", [ann])
    let party = try console.party
    let first = ann.session
    let second = try ann.logIn().session
    let id = try submit(ann)
    try party.approveRecovery(id, support.session)
    // As much later as a session lives: no proof is asked for.
    console.pass(Self.wait / 2)
    for session in [first, second] {
      let notice = try #require(try party.pendingRecovery(session))
      #expect(notice.id == id && notice.state == .waiting)
    }
    try party.withdrawRecovery(first)
    #expect(try party.pendingRecovery(second) == nil)
    #expect(try party.history(of: acme, owner.session).last?.event == .recoveryWithdrawn)
    console.pass(Self.wait)
    #expect(try ann.logIn().means == .code)
    try support.prove()
    try console.refuses(.recoveryNot(.withdrawn)) {
      try party.approveRecovery(id, support.session)
    }
  }

  @Test("another operator stops an approval that waits; so does dismissing the one who gave it")
  func stoppedByOperators() throws {
    let console = try waiting()
    let ann = try Person(console, "ann", mfa: true)
    let (rogue, honest) = (try support(console, "rogue"), try support(console, "honest"))
    let party = try console.party
    let first = try submit(ann)
    try party.approveRecovery(first, rogue.session)
    #expect(try party.recoveryCases(honest.session).map(\.id) == [first])
    try party.refuseRecovery(first, reason: "It was not Ann who wrote.", honest.session)
    let second = try submit(ann)
    try party.approveRecovery(second, rogue.session)
    try party.dismissOperator(rogue.id, honest.session)
    #expect(try party.recoveries.find(second)?.state == .refused)
    console.pass(Self.wait)
    #expect(try ann.logIn().means == .code)
  }

  @Test("while an approval waits there is no other case, and changing MFA withdraws it")
  func oneAtATime() throws {
    let console = try waiting()
    let ann = try Person(console, "ann", mfa: true)
    let support = try support(console)
    let party = try console.party
    let id = try submit(ann)
    try party.approveRecovery(id, support.session)
    let ticket = try ann.ticket()
    try console.refuses(.recoveryAlreadyOpen) {
      try party.openRecovery(ticket, isCorporate: false)
    }
    try console.refuses(.recoveryAlreadyOpen) {
      try party.openRecovery(for: ann.email, isCorporate: false, support.session)
    }
    try console.refuses(.recoveryNot(.waiting)) { try party.approveRecovery(id, support.session) }
    try ann.logIn()
    try ann.update()
    #expect(try party.recoveries.find(id)?.state == .withdrawn)
  }

  @Test("an approval that nobody comes back for lapses, and MFA stays on")
  func lapses() throws {
    let console = try waiting()
    let ann = try Person(console, "ann", mfa: true)
    let support = try support(console)
    let id = try submit(ann)
    try console.party.approveRecovery(id, support.session)
    console.pass(Self.wait + console.policy.recoveryPatience.rawValue)
    #expect(try ann.logIn().means == .code)
    #expect(try console.party.recoveries.find(id)?.state == .withdrawn)
  }

  // MARK: By hand

  @Test("an operator opens a case for somebody who wrote, and it goes the same way")
  func byHand() throws {
    let console = try waiting()
    let ann = try Person(console, "ann", mfa: true)
    let support = try support(console)
    let party = try console.party
    let id = try party.openRecovery(
      for: ann.email.uppercased(), isCorporate: false, support.session
    ).id
    #expect(try party.pendingRecovery(ann.session)?.isByHand == true)
    try console.refuses(.recoveryIncomplete(RecoveryRequirement.allCases)) {
      try party.submitRecovery(id, support.session)
    }
    for item in RecoveryTests.personal {
      if item.isDocument {
        let document = Document(name: "letter.pdf", content: Array("%PDF-1.7".utf8))
        _ = try party.handIn(item, document: document, for: id, support.session)
      } else {
        _ = try party.handIn(item, "12 Bell Lane", for: id, support.session)
      }
    }
    // What an operator put there is not shown to whoever knows the password.
    #expect(try party.recoveryCase(ann.ticket())?.evidence.isEmpty == true)
    #expect(
      try party.recoveryCase(id, support.session).evidence[.postalAddress] == "12 Bell Lane")
    _ = try party.submitRecovery(id, support.session)
    try party.approveRecovery(id, support.session)
    console.pass(Self.wait)
    #expect(try ann.logIn().means == .password)
  }

  @Test("a case is opened by hand with the same authority as it is decided, and not for oneself")
  func byHandAuthority() throws {
    let console = try waiting()
    let ann = try Person(console, "ann", mfa: true)
    let bob = try Person(console, "bob")
    let support = try support(console)
    let party = try console.party
    func open(_ email: String, _ person: Person) throws {
      _ = try party.openRecovery(for: email, isCorporate: false, person.session)
    }
    try console.refuses(.notAnOperator) { try open(bob.email, ann) }
    try console.refuses(.ownCase) { try open(support.email, support) }
    try console.refuses(.memberMFANotOn) { try open(bob.email, support) }
    try console.refuses(.noSuchAccount) { try open("nobody@example.com", support) }
    // One that a thief of the password left open is in nobody's way.
    let theirs = try party.openRecovery(ann.ticket(), isCorporate: false).id
    try console.refuses(.noRecoveryCase) {
      try party.handIn(.phoneNumber, "1", for: theirs, support.session)
    }
    try open(ann.email, support)
    #expect(try party.recoveries.find(theirs)?.state == .withdrawn)
    console.pass(console.policy.reauthenticationWindow.rawValue)
    try console.refuses(.reauthenticationNeeded) { try open(ann.email, support) }
  }

  // MARK: Evidence

  @Test("evidence is sealed, read by operators only, which is logged, and gone with the decision")
  func evidence() throws {
    let console = try waiting()
    let ann = try Person(console, "ann", mfa: true)
    let owner = try Person(console, "owner", mfa: true)
    let support = try support(console)
    let party = try console.party
    _ = try owner.makeOrganization("Acme", [ann])
    func planted() throws -> Int {
      try party.database.rows("SELECT 1 FROM recovery_item") { _ in 1 }.count
    }
    let ends: [(RecoveryCase.ID) throws -> Void] = [
      { try party.refuseRecovery($0, reason: "no", support.session) },
      { _ in try party.withdrawRecovery(ann.session) },
      { try party.approveRecovery($0, support.session) },
    ]
    for end in ends {
      let id = try submit(ann)
      #expect(try planted() == RecoveryTests.personal.count)
      #expect(
        try console.contents().allSatisfy {
          !$0.contains("Bell Lane") && !$0.contains("42656C6C204C616E65")
            && !$0.lowercased().contains("42656c6c204c616e65") && !$0.contains("paper.pdf")
        })
      #expect(try party.recoveryCases(support.session).allSatisfy(\.evidence.isEmpty))
      #expect(try party.recoveryCase(ann.ticket())?.evidence.isEmpty == true)
      #expect(try party.recoveryCase(ann.session)?.evidence.isEmpty == true)
      #expect(
        try party.recoveryCase(id, support.session).evidence[.postalAddress] == "12 Bell Lane")
      let seen = try #require(try party.history(ann.session).last)
      #expect(try seen.event == .recoveryCaseSeen && seen.actor == support.id)
      try end(id)
      #expect(try planted() == 0)
      #expect(throws: Refusal.self) { try party.recoveryCase(id, owner.session) }
    }
    let decided = try #require(try party.recoveries.newest(of: ann.id)).id
    #expect(try party.recoveryCase(decided, support.session).evidence.isEmpty)
  }
}
