import Foundation
import OATH
import Testing

@testable import RelyingParty

/// Somebody who can write the database, and knows their own password and token, but not the key file.
@Suite("A writer of the database without the key file", .onEachStore)
struct DatabaseWriterTests {
  private func stage() throws -> (console: Console, ann: Person, eve: Person, database: Database) {
    let console = try Console()
    let (ann, eve) = (try Person(console, "ann", mfa: true), try Person(console, "eve", mfa: true))
    return (console, ann, eve, try Database(opening: console.store))
  }

  private func isAltered(_ body: () throws -> Void) -> Bool {
    do { try body() } catch Refusal.sealing(.altered) { return true } catch {}
    return false
  }

  @Test("cannot give an account another password")
  func password() throws {
    let (console, ann, eve, database) = try stage()
    try database.run(
      """
      UPDATE account SET password_hash = (SELECT password_hash FROM account WHERE id = ?),
        seal = (SELECT seal FROM account WHERE id = ?) WHERE id = ?
      """, eve.id, eve.id, ann.id)
    #expect(
      isAltered { _ = try console.party.logIn(email: ann.email, password: eve.password) })
  }

  @Test("cannot take MFA off an account by deleting its key, nor by making another one active")
  func key() throws {
    let (console, ann, eve, database) = try stage()
    _ = try console.party.beginUpdate(eve.session)
    try database.run("DELETE FROM credential WHERE account = ? AND is_active", eve.id)
    #expect(isAltered { _ = try eve.passwordStep() })
    try database.run("UPDATE credential SET is_active = TRUE WHERE account = ?", eve.id)
    #expect(isAltered { _ = try eve.passwordStep() })
    try database.run("DELETE FROM credential WHERE account = ?", eve.id)
    try database.run("UPDATE credential SET account = ? WHERE account = ?", eve.id, ann.id)
    #expect(throws: Refusal.self) { try ann.passwordStep() }
  }

  @Test("cannot make an Owner of an account that is yet to come")
  func waitingMembership() throws {
    let (console, ann, _, database) = try stage()
    // PostgreSQL keeps to its foreign keys whoever writes.
    guard !Database.isShared(console.store) else { return }
    let bank = try ann.makeOrganization("Bank")
    try database.run("PRAGMA foreign_keys = OFF")
    let next = 1 + (try database.first("SELECT max(id) FROM account") { $0.integer(0) } ?? 0)
    try database.run(
      "INSERT INTO membership SELECT organization, ?, role, may_manage_mfa FROM membership WHERE account = ?",
      next, ann.id)
    #expect(
      isAltered {
        _ = try console.party.signUp(email: "mallory@b.test", password: "mallory's long password")
      })
    #expect(try console.party.organization(bank, ann.session).name == "Bank")
  }

  @Test("cannot make themselves a support operator")
  func operators() throws {
    let (console, _, eve, database) = try stage()
    try database.run("UPDATE account SET is_operator = TRUE WHERE id = ?", eve.id)
    #expect(isAltered { _ = try console.party.recoveryCases(eve.session) })
    #expect(isAltered { _ = try eve.passwordStep() })
  }

  @Test("cannot give an account backup codes that they know")
  func backupCodes() throws {
    let (console, ann, eve, database) = try stage()
    let key = try #require(
      try database.first("SELECT id FROM credential WHERE account = ?", ann.id) { $0.integer(0) })
    // Eve's own, with their salt; and ones that she hashed herself.
    try database.run(
      """
      UPDATE credential SET backup_setting =
        (SELECT backup_setting FROM credential WHERE account = ?) WHERE id = ?
      """, eve.id, key)
    try database.run("UPDATE backup_code SET credential = ?", key)
    for code in eve.backupCodes.prefix(2) {
      let ticket = try ann.ticket()
      #expect(throws: Refusal.wrongBackupCode) { try console.party.logIn(ticket, code: code) }
    }
    let hash = PasswordHash(cost: 1)
    let setting = try hash.setting(random: .system)
    let code = try BackupCode(random: .system)
    try database.run("UPDATE credential SET backup_setting = ? WHERE id = ?", setting, key)
    try database.run(
      "INSERT INTO backup_code (credential, hash) VALUES (?, ?)", key,
      try hash.hash(code.text, setting: setting))
    let ticket = try ann.ticket()
    #expect(throws: Refusal.wrongBackupCode) { try console.party.logIn(ticket, code: code.shown) }
  }

  @Test("cannot turn their own session or login ticket into somebody else's, nor into more")
  func sessions() throws {
    let (console, ann, eve, database) = try stage()
    let ticket = try eve.ticket()
    let session = eve.session
    let (annID, eveID) = (try ann.id, try eve.id)
    try database.run("UPDATE ticket SET account = ? WHERE account = ?", annID, eveID)
    #expect(throws: Refusal.sessionEnded) { try console.party.account(session) }
    #expect(throws: Refusal.ticketEnded) {
      try console.party.logIn(ticket, code: ann.token!.code(console.now))
    }
    try database.run("UPDATE ticket SET account = ? WHERE account = ?", eveID, annID)
    _ = try console.party.account(session)
    // The ticket of a right password becomes no session without its code.
    try database.run("UPDATE ticket SET reach = 3")
    #expect(throws: Refusal.sessionEnded) {
      try console.party.resume(sessionCookie: ticket.cookie)
    }
    // Neither is an old session's life longer, nor an old proof fresh again.
    console.pass(console.policy.reauthenticationWindow.rawValue)
    try database.run("UPDATE ticket SET proved_at = ?", console.now)
    #expect(throws: Refusal.reauthenticationNeeded) { try console.party.beginUpdate(session) }
    console.pass(console.policy.sessionLifetime.rawValue)
    try database.run(
      "UPDATE ticket SET expires_at = ?, used_at = ?", console.now.later(by: 3600), console.now)
    #expect(throws: Refusal.sessionEnded) { try console.party.account(session) }
  }

  @Test("cannot rewrite the audit log, put a line in, or take one out, without being noticed")
  func audit() throws {
    let (console, ann, _, database) = try stage()
    let party = try console.party
    #expect(try party.verifyAuditLog().isIntact)
    try ann.logIn()
    #expect(try party.verifyAuditLog().isIntact)
    switch database.connection.dialect {
    case .sqlite:
      try database.run("DROP TRIGGER audit_is_not_rewritten")
      try database.run("DROP TRIGGER audit_is_not_shortened")
    case .postgresql: try database.run("DROP TRIGGER audit_only_grows ON audit")
    }
    let line = try #require(try database.first("SELECT max(id) - 2 FROM audit") { $0.integer(0) })
    func notices(_ change: String, _ undo: String) throws {
      try database.run(change)
      #expect(try !party.verifyAuditLog().isIntact, "\(change)")
      try database.run(undo)
      #expect(try party.verifyAuditLog().isIntact, "\(undo)")
    }
    try notices(
      "UPDATE audit SET at = at + 1 WHERE id = \(line)",
      "UPDATE audit SET at = at - 1 WHERE id = \(line)")
    try notices(
      "INSERT INTO audit (id, at, event) VALUES (\(line + 1000), 0, 'signedIn')",
      "DELETE FROM audit WHERE id = \(line + 1000)")
    try notices(
      "UPDATE audit SET id = \(line + 1000) WHERE id = \(line)",
      "UPDATE audit SET id = \(line) WHERE id = \(line + 1000)")
    try database.run("DELETE FROM audit WHERE id = \(line)")
    let found = try party.verifyAuditLog()
    #expect(!found.isIntact && "\(found.sentences)".contains("taken out"))
  }

  @Test("of a layout without seals, everything is sealed at the next start, once")
  func sealsOlder() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let database = try console.party.database
    let (keys, key) = (try console.party.keys, try console.party.keyedHash.key)
    // What an earlier version would have written.
    let setting = try #require(
      try database.first("SELECT backup_setting FROM credential") { $0.text(0) })
    let hash = try PasswordHash(cost: 1).hash(
      try #require(BackupCode(parsing: ann.backupCodes[0])).text, setting: setting)
    try database.run("UPDATE backup_code SET hash = ?", hash)
    try database.run("UPDATE account SET seal = NULL")
    try database.run(
      "UPDATE console SET hash_key = ?",
      try keys.seal(key, at: "console hash_key", random: .system))
    try console.restart()
    try ann.logIn()
    try ann.logIn(ann.backupCodes[0])
    // From then on an account without a seal is refused.
    try console.party.database.run("UPDATE account SET seal = NULL")
    try console.restart()
    #expect(throws: Refusal.self) { try ann.passwordStep() }
  }
}

/// What a writer of the database could otherwise do by way of other people's authority.
@Suite("A writer of the database who wants others' authority", .onEachStore)
struct DatabaseAuthorityTests {
  private func stage() throws -> (
    console: Console, owner: Person, eve: Person, acme: Organization.ID, database: Database
  ) {
    let console = try Console()
    let owner = try Person(console, "owner", mfa: true)
    let eve = try Person(console, "eve", mfa: true)
    let acme = try console.party.createOrganization(named: "Acme", owner.session).id
    return (console, owner, eve, acme, try Database(opening: console.store))
  }

  private func expectAltered(_ body: () throws -> Void) {
    do {
      try body()
      Issue.record("what was written without the key was taken")
    } catch Refusal.sealing(.altered) {
    } catch {
      Issue.record(error)
    }
  }

  @Test("cannot make themselves an Owner, nor invite themselves as one")
  func owner() throws {
    let (console, _, eve, acme, database) = try stage()
    try database.run(
      "INSERT INTO invitation (organization, email, role, may_manage_mfa, invited_at) "
        + "VALUES (?, ?, 'owner', TRUE, ?)", acme, eve.email, console.now)
    expectAltered { try console.party.join(acme, eve.session) }
    try database.run(
      "INSERT INTO membership (organization, account, role) VALUES (?, ?, 'owner')", acme, eve.id)
    expectAltered { try console.party.invite("x@example.com", to: acme, eve.session) }
  }

  @Test("cannot change what an invitation gives")
  func terms() throws {
    let (console, owner, eve, acme, database) = try stage()
    try console.party.invite(eve.email, to: acme, owner.session)
    try database.run("UPDATE invitation SET role = 'owner'")
    expectAltered { try console.party.join(acme, eve.session) }
    try database.run("UPDATE invitation SET role = 'member'")
    try console.party.join(acme, eve.session)
  }

  @Test("cannot give themselves a permission, nor take a person out of another Organization")
  func permission() throws {
    let (console, owner, eve, acme, database) = try stage()
    try console.party.invite(eve.email, to: acme, owner.session)
    try console.party.join(acme, eve.session)
    try database.run("UPDATE membership SET may_manage_mfa = TRUE WHERE account = ?", eve.id)
    expectAltered { _ = try eve.passwordStep() }
    try database.run("UPDATE membership SET may_manage_mfa = FALSE WHERE account = ?", eve.id)
    _ = try eve.passwordStep()
    try database.run("DELETE FROM membership WHERE account = ?", eve.id)
    expectAltered { _ = try eve.passwordStep() }
  }

  @Test("cannot approve a recovery case")
  func approval() throws {
    let (console, _, eve, _, database) = try stage()
    _ = try console.party.openRecovery(eve.ticket(), isCorporate: false)
    try database.run(
      "UPDATE recovery_case SET state = ?, effective_at = 0", RecoveryCase.State.waiting)
    expectAltered { _ = try eve.passwordStep() }
    try database.run("UPDATE recovery_case SET state = ?", RecoveryCase.State.approved)
    expectAltered { _ = try eve.passwordStep() }
  }
}
