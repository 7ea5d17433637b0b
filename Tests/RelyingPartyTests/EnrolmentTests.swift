import Enrollment
import Foundation
import OATH
import Testing

@testable import RelyingParty

@Suite("Enable MFA and Update MFA", .onEachStore)
struct EnrolmentTests {
  @Test("a new key is a URI, a text and a picture, and all three say the same")
  func keyIsShown() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let enrolment = try console.party.beginEnable(ann.session)
    #expect(enrolment.uri.issuer == console.policy.issuer)
    #expect(enrolment.uri.account == ann.email)
    #expect(enrolment.uri.secret.count == 20)
    #expect(try Base32.decode(enrolment.key) == enrolment.uri.secret)
    let picture = console.folder.appending(path: "key.png")
    try Data(enrolment.png()).write(to: picture)
    let read = try #require(try QRPicture.read(file: picture.path).first)
    #expect(try OTPAuthURI(parsing: read) == enrolment.uri)
  }

  @Test("keys differ, and what is printed of one does not have it")
  func keysDiffer() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let keys = try (0..<20).map { _ in try console.party.beginEnable(ann.session) }
    #expect(Set(keys.map(\.key)).count == 20)
    #expect(keys.allSatisfy { !"\($0)".contains($0.key) })
  }

  @Test("until its first code a new key changes nothing, and a wrong code leaves it waiting")
  func pendingUntilFirstCode() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    ann.token = TestToken(try console.party.beginEnable(ann.session))
    #expect(try ann.logIn().means == .password)
    try console.refuses(.wrongCode) {
      try console.party.activate(ann.session, code: ann.wrongCode())
    }
    for typed in ["", "12345", "1234567", "AAAAA-AAAAA"] {
      try console.refuses(.notACode(digits: 6)) {
        try console.party.activate(ann.session, code: typed)
      }
    }
    let status = try console.party.mfaStatus(ann.session)
    #expect(!status.isOn && status.isEnrolling && status.backupCodesLeft == nil)
    ann.session = try console.party.activate(ann.session, code: ann.token!.code(console.now))
      .session
    #expect(try console.party.mfaStatus(ann.session).isOn)
  }

  @Test("a key that waits outlives a restart")
  func pendingOutlivesRestart() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let token = TestToken(try console.party.beginEnable(ann.session))
    try console.restart()
    ann.session = try console.party.activate(ann.session, code: token.code(console.now)).session
  }

  @Test("a key that waited too long is refused")
  func pendingExpires() throws {
    let console = try Console { $0.idleLifetime = Seconds(3600) }
    let ann = try Person(console, "ann")
    let enrolment = try console.party.beginEnable(ann.session)
    console.pass(console.policy.enrolmentLifetime.rawValue)
    #expect(enrolment.expires == console.now)
    try console.refuses(.enrolmentExpired) {
      try console.party.activate(ann.session, code: TestToken(enrolment).code(console.now))
    }
    #expect(try !console.party.mfaStatus(ann.session).isEnrolling)
  }

  @Test("only the newest key that was shown can be activated")
  func newestKeyOnly() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let first = TestToken(try console.party.beginEnable(ann.session))
    let second = TestToken(try console.party.beginEnable(ann.session))
    try console.refuses(.wrongCode) {
      try console.party.activate(ann.session, code: first.code(console.now))
    }
    ann.session = try console.party.activate(ann.session, code: second.code(console.now)).session
  }

  @Test("an enrolment that is given up leaves everything as it was")
  func abandoned() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let before = try console.contents()
    let token = TestToken(try console.party.beginUpdate(ann.session))
    try console.party.abandonEnrolment(ann.session)
    #expect(try console.contents() == before)
    try console.refuses(.noEnrolment) {
      try console.party.activate(ann.session, code: token.code(console.now))
    }
    try console.refuses(.noEnrolment) { try console.party.abandonEnrolment(ann.session) }
    try ann.logIn()
  }

  @Test("MFA that is on cannot be enabled, and MFA that is off not updated")
  func wrongFlow() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    try console.refuses(.mfaNotOn) { try console.party.beginUpdate(ann.session) }
    try ann.enable()
    try console.refuses(.mfaAlreadyOn) { try console.party.beginEnable(ann.session) }
  }

  @Test("other sessions and login tickets end when MFA is turned on")
  func otherSessionsEnd() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let other = try ann.logIn().session
    try ann.logIn()
    try ann.enable()
    try console.refuses(.sessionEnded) { try console.party.account(other) }
    _ = try console.party.account(ann.session)
  }

  @Test("with an update the old key and codes stay good until the new code, and die with it")
  func updateSwitchesAtOnce() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let old = ann.token!
    let oldCodes = ann.backupCodes
    let new = TestToken(try console.party.beginUpdate(ann.session))
    // Still the old ones, and not yet the new one.
    let session = ann.session
    try ann.logIn(old.code(console.now))
    try ann.logIn(oldCodes[0])
    let early = try ann.ticket()
    try console.refuses(.wrongCode) { try console.party.logIn(early, code: new.code(console.now)) }
    // A wrong code changes nothing about that.
    try console.refuses(.wrongCode) { try console.party.activate(session, code: ann.wrongCode()) }
    try ann.logIn(old.code(console.now))

    let newCodes = try console.party.activate(session, code: new.code(console.now)).codes
    console.passStep()
    let ticket = try ann.ticket()
    try console.refuses(.wrongCode) { try console.party.logIn(ticket, code: old.code(console.now)) }
    for code in oldCodes[1...2] {
      try console.refuses(.wrongBackupCode) { try console.party.logIn(ticket, code: code) }
    }
    console.pass(60)
    try ann.logIn(new.code(console.now))
    try ann.logIn(newCodes[0])
    #expect(Set(newCodes).isDisjoint(with: oldCodes))
    #expect(try console.party.mfaStatus(ann.session).backupCodesLeft == 9)
  }

  @Test("who belongs to no Organization may update")
  func updateOnOnesOwn() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    try ann.update()
    try ann.logIn()
  }

  @Test("a member may update only as an Owner or with the permission, in every Organization")
  func updateNeedsPermission() throws {
    let console = try Console()
    let owner = try Person(console, "owner")
    let ann = try Person(console, "ann", mfa: true)
    let acme = try owner.makeOrganization("Acme", [ann])
    try console.refuses(.updateNotPermitted(["Acme"])) {
      try console.party.beginUpdate(ann.session)
    }
    #expect(try console.party.mfaStatus(ann.session).updateForbiddenBy.map(\.name) == ["Acme"])
    #expect(try console.events().last == .updateRefused)

    try console.party.setMayManageMFA(true, of: ann.id, in: acme, owner.session)
    try ann.update()
    // Being Owner elsewhere, of something one made up, does not help.
    try console.party.setMayManageMFA(false, of: ann.id, in: acme, owner.session)
    _ = try console.party.createOrganization(named: "Ann's own", ann.session)
    try console.refuses(.updateNotPermitted(["Acme"])) {
      try console.party.beginUpdate(ann.session)
    }
    try console.party.setRole(.owner, of: ann.id, in: acme, owner.session)
    try ann.prove()
    try ann.update()
  }

  @Test("a permission that is taken away during an update counts when the new code comes")
  func permissionTakenMeanwhile() throws {
    let console = try Console()
    let owner = try Person(console, "owner")
    let ann = try Person(console, "ann", mfa: true)
    let acme = try owner.makeOrganization("Acme", [ann])
    try console.party.setMayManageMFA(true, of: ann.id, in: acme, owner.session)
    let new = TestToken(try console.party.beginUpdate(ann.session))
    try console.party.setMayManageMFA(false, of: ann.id, in: acme, owner.session)
    try console.refuses(.updateNotPermitted(["Acme"])) {
      try console.party.activate(ann.session, code: new.code(console.now))
    }
    try ann.logIn()
  }
}

@Suite("Disable MFA", .onEachStore)
struct DisableTests {
  @Test("DISABLE turns MFA off; the key, the codes and other sessions die")
  func disables() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let other = ann.session
    let ticket = try ann.ticket()
    try ann.logIn()
    ann.session = try console.party.disable(ann.session, typed: " DISABLE\n")
    #expect(try !console.party.mfaStatus(ann.session).isOn)
    try console.refuses(.sessionEnded) { try console.party.account(other) }
    for code in [ann.token!.code(console.now), ann.backupCodes[0]] {
      try console.refuses(.ticketEnded) { try console.party.logIn(ticket, code: code) }
    }
    #expect(try ann.logIn().means == .password)
    #expect(try console.party.database.rows("SELECT 1 FROM backup_code") { _ in 1 }.isEmpty)
    try console.refuses(.mfaNotOn) { try console.party.disable(ann.session, typed: "DISABLE") }
  }

  @Test(
    "anything but the word in capitals leaves MFA on",
    arguments: ["", "disable", "Disable", "DISABLED", "DIS ABLE", "DISABLE DISABLE"])
  func needsTheWord(typed: String) throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    try console.refuses(.confirmationMissing) {
      ann.session = try console.party.disable(ann.session, typed: typed)
    }
    try ann.logIn()
  }

  @Test("refused while Organizations enforce MFA, with all of them listed, until one left them")
  func refusedWhileEnforced() throws {
    let console = try Console()
    let owner = try Person(console, "owner", mfa: true)
    let ann = try Person(console, "ann", mfa: true)
    let acme = try owner.makeOrganization("Acme", [ann])
    let zeta = try owner.makeOrganization("Zeta", [ann])
    _ = try owner.makeOrganization("Without", [ann])
    for id in [acme, zeta] { try console.party.enforceMFA(in: id, owner.session) }
    try console.refuses(.mfaEnforced(["Acme", "Zeta"])) {
      ann.session = try console.party.disable(ann.session, typed: "DISABLE")
    }
    #expect(
      Refusal.mfaEnforced(["Acme", "Zeta"]).cause
        == "MFA stays on: it is required by Acme and Zeta.")
    try console.party.leave(acme, ann.session)
    try console.refuses(.mfaEnforced(["Zeta"])) {
      ann.session = try console.party.disable(ann.session, typed: "DISABLE")
    }
    try console.party.stopEnforcingMFA(in: zeta, owner.session)
    ann.session = try console.party.disable(ann.session, typed: "DISABLE")
  }
}
