import Foundation
import OATH
import Testing

@testable import RelyingParty

@Suite("The audit log", .onEachStore)
struct AuditTests {
  /// One account through every flow.
  private func everything(_ console: Console) throws -> (ann: Person, typed: [String]) {
    let party = try console.party
    let ann = try Person(console, "ann")
    let owner = try Person(console, "owner", mfa: true)
    let guest = try Person(console, "guest")
    let support = try Person(console, "support", mfa: true)
    try party.appointOperator(support.email)
    var typed = [ann.password, owner.password, support.password]
    func type(_ text: String) -> String {
      typed.append(text)
      return text
    }
    func refused(_ body: () throws -> Void) {
      #expect(throws: Refusal.self) { try body() }
    }

    // Wrong passwords, also one typed where the address belongs.
    refused { _ = try party.logIn(email: ann.email, password: type("planted wrong password")) }
    refused { _ = try party.logIn(email: type("planted password as name"), password: "x") }
    refused { _ = try party.logIn(email: type("planted-unknown@example.net"), password: "x") }

    // Enable, with a wrong code and one enrolment given up.
    _ = try party.beginEnable(ann.session)
    try party.abandonEnrolment(ann.session)
    ann.token = TestToken(try party.beginEnable(ann.session))
    refused { _ = try party.activate(ann.session, code: ann.wrongCode()) }
    try ann.enable()
    typed += ann.backupCodes

    // Logins: right, wrong, replayed; a backup code, used and used again.
    let code = type(ann.token!.code(console.now))
    try ann.logIn(code)
    refused { try ann.logIn(code) }
    refused { try ann.logIn(ann.wrongCode()) }
    try ann.logIn(ann.backupCodes[0])
    refused { try ann.logIn(ann.backupCodes[0]) }

    // Organizations: refused update and disable, roles, enforcement, leaving.
    let acme = try owner.makeOrganization("Acme", [ann])
    refused { _ = try party.beginUpdate(ann.session) }
    try party.setMayManageMFA(true, of: ann.id, in: acme, owner.session)
    try ann.update()
    typed += ann.backupCodes + [type(ann.token!.code(console.now))]
    try party.invite(guest.email, to: acme, owner.session)
    try party.join(acme, guest.session)
    for grace in [3600, 7200, 0] as [Int64] {
      try party.enforceMFA(in: acme, grace: Seconds(grace), owner.session)
    }
    refused { try party.disable(ann.session, typed: "DISABLE") }
    guard case .enableNeeded(let led, _) = try guest.passwordStep() else { throw Unexpected() }
    guest.session = led
    try guest.enable()
    try party.stopEnforcingMFA(in: acme, owner.session)
    let guests = try guest.id
    try party.resetMFA(of: guests, in: acme, typed: "RESET", owner.session)
    try party.remove(guests, from: acme, owner.session)
    try party.setRole(.owner, of: ann.id, in: acme, owner.session)
    try party.leave(acme, owner.session)
    try ann.prove()
    try owner.prove()
    try party.invite(support.email, to: acme, ann.session)
    try party.decline(acme, support.session)
    try party.invite(owner.email, to: acme, ann.session)
    try party.withdrawInvitation(of: owner.email, to: acme, ann.session)
    try party.invite(owner.email, to: acme, ann.session)
    try party.join(acme, owner.session)
    try party.remove(owner.id, from: acme, ann.session)
    try party.dissolve(acme, ann.session)

    try party.importAccounts([
      ImportedAccount(email: "dan@example.com", passwordHash: party.decoy, key: nil)
    ])

    // Sessions: proved anew, another one revoked, and a new password.
    console.passStep()
    ann.session = try party.reauthenticate(
      ann.session, password: ann.password, code: type(ann.token!.code(console.now)))
    console.passStep()
    let other = try Person(console, "other")
    let first = other.session
    try other.logIn()
    let entry = try #require(try party.sessions(other.session).first { !$0.isCurrent })
    try party.revoke(entry.id, other.session)
    refused { _ = try party.account(first) }
    other.session = try party.changePassword(other.session, to: type("planted newer password"))

    // Recovery: withdrawn, refused, approved, carried out. Then locks, disable and the end.
    func submitCase() throws -> RecoveryCase.ID {
      let ticket = try ann.ticket()
      let id = try party.openRecovery(ticket, isCorporate: false).id
      try party.handIn(RecoveryTests.personal, ticket)
      _ = try party.handIn(
        .passport, document: Document(name: "passport.pdf", content: Array("%PDF-1.7".utf8)), ticket
      )
      return try party.submitRecovery(ticket).id == id ? id : { throw Unexpected() }()
    }
    let read = try submitCase()
    _ = try party.recoveryCase(read, support.session)
    _ = try party.document(.passport, of: read, support.session)
    try party.withdrawRecovery(ann.session)
    try support.prove()
    try party.refuseRecovery(submitCase(), reason: "the names differ", support.session)
    try party.approveRecovery(submitCase(), support.session)
    try ann.logIn()
    try ann.enable()
    typed += ann.backupCodes
    let limit = console.policy.codeTries
    for attempt in 1...limit.lockAfter {
      refused { try ann.logIn(ann.wrongCode()) }
      console.pass(limit.wait(after: attempt).rawValue)
    }
    for attempt in 1...console.policy.passwordTries.lockAfter {
      refused { _ = try party.logIn(email: ann.email, password: "planted wrong password") }
      console.pass(console.policy.passwordTries.wait(after: attempt).rawValue)
    }
    try ann.logIn()
    ann.session = try party.disable(ann.session, typed: "DISABLE")
    try party.appointOperator(support.email, false)
    try party.signOut(ann.session)
    return (ann, typed)
  }

  @Test("every event there is gets an entry when its flow happens")
  func everyEvent() throws {
    let console = try Console()
    _ = try everything(console)
    // One is left for LostConnectionTests.
    let usual = Set(AuditEvent.allCases).subtracting([.changeGivenUp])
    #expect(Set(try console.events()) == usual)
  }

  @Test("no password, code, backup code or typed address is anywhere in the files, nor a bearer's")
  func nothingPlantedIsOnDisk() throws {
    let console = try Console()
    let (ann, typed) = try everything(console)
    let bearers = [
      Data(ann.session.bearer.bytes), Data(try Person(console, "bob").session.bearer.bytes),
    ]
    // Enough logins to have the log written into the file and both looked at.
    try console.restart()
    let files = try FileManager.default.contentsOfDirectory(atPath: console.folder.path)
    for file in files {
      let bytes = try Data(contentsOf: console.folder.appending(path: file))
      for text in typed {
        for form in [text, text.replacing("-", with: "")] where form.utf8.count > 6 {
          #expect(bytes.range(of: Data(form.utf8)) == nil, "\(form) is in \(file)")
        }
      }
      for bearer in bearers { #expect(bytes.range(of: bearer) == nil) }
    }
    // Six digits may turn up in any number by chance: they are looked for where they would stand.
    let texts = try console.party.database.rows(
      """
      SELECT event || ' ' || coalesce(detail, '') FROM audit
      """
    ) { $0.text(0) }
    for code in typed where code.utf8.count == 6 {
      #expect(!texts.contains { $0.contains(code) })
    }
    // The same in what the database itself shows, wherever its files are.
    let contents = try console.contents()
    for text in typed where text.utf8.count > 6 {
      #expect(!contents.contains { $0.contains(text) }, "\(text)")
    }
    #expect(contents.contains { $0.contains(ann.email) })
    // The scan can find something: the addresses are there.
    #expect(
      try Store.current == .postgresql
        || files.contains {
          try Data(contentsOf: console.folder.appending(path: $0)).range(of: Data(ann.email.utf8))
            != nil
        })
  }

  @Test("the log only grows: entries can neither be changed nor deleted")
  func onlyGrows() throws {
    let console = try Console()
    _ = try Person(console, "ann")
    let database = try console.party.database
    let before = try console.party.log.entries(of: nil, last: 100)
    for sql in ["DELETE FROM audit", "UPDATE audit SET event = 'signedIn'"] {
      #expect(throws: Refusal.self) { try database.run(sql) }
    }
    #expect(try console.party.log.entries(of: nil, last: 100) == before)
    #expect(!before.isEmpty)
  }

  @Test("a person sees what happened to their account, an operator sees all, nobody else does")
  func whoSeesWhat() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let bob = try Person(console, "bob")
    let history = try console.party.history(ann.session)
    #expect(history.map(\.event).contains(.mfaEnabled))
    #expect(try history.allSatisfy { try $0.subject == ann.id })
    #expect(history.map(\.number) == history.map(\.number).sorted())
    try console.refuses(.notAnOperator) { try console.party.auditLog(bob.session) }
    try console.party.appointOperator(bob.email)
    let all = try console.party.auditLog(bob.session)
    #expect(all.count > history.count)
    #expect(try console.party.auditLog(bob.session, last: 3) == all.suffix(3))
  }
}
