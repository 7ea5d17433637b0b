import OATH

/// What happens at the console, by name.
public enum AuditEvent: String, CaseIterable, Sendable {
  case signedUp, accountImported, passwordAccepted, passwordRefused, passwordLocked
  case codeAccepted, codeRefused, codeReplayed, codeLocked
  case backupCodeAccepted, backupCodeRefused
  case signedIn, signedOut, ledToEnable
  case reauthenticated, passwordChanged, sessionRevoked
  case enableBegun, updateBegun, updateRefused, enrolmentAbandoned, firstCodeRefused
  case mfaEnabled, mfaUpdated, mfaDisabled, disableRefused
  case organizationCreated, organizationDissolved, memberInvited, memberJoined
  case invitationDeclined, invitationWithdrawn
  case memberLeft, memberRemoved, roleChanged, permissionChanged
  case enforcementBegun, graceLengthened, graceShortened, enforcementEnded
  case mfaReset
  case operatorAppointed, operatorDismissed
  case recoveryOpened, recoveryItemHandedIn, recoverySubmitted, recoveryWithdrawn
  case recoveryCaseSeen, recoveryDocumentSeen
  case recoveryApproved, recoveryTookEffect, recoveryRefused, recoveryCarriedOut
  /// In the place of a change whose connection was lost while it was being saved: it was not.
  case changeGivenUp
}

/// One line of the audit log.
public struct AuditEntry: Equatable, Sendable {
  /// Grows with every entry.
  public let number: Int64
  public let at: Seconds
  public let event: AuditEvent
  /// Who did it, if somebody was signed in.
  public let actor: Account.ID?
  /// Whose account it is about; nil for an address that has no account.
  public let subject: Account.ID?
  public let organization: Organization.ID?
  public let recoveryCase: RecoveryCase.ID?
  /// A few words of the console's own, such as "2 left"; never anything that was typed.
  public let detail: String?
}

/// The audit table: it only grows (the schema refuses anything else), and neither secrets nor
/// codes nor anything else that was typed goes into it.
struct AuditLog {
  let database: Database
  let hash: KeyedHash
  let clock: () -> Seconds

  /// Bytes of a line's mark: random, so that the line is found again.
  static let markSize = 16

  func record(
    _ event: AuditEvent, actor: Account.ID? = nil, subject: Account.ID? = nil,
    organization: Organization.ID? = nil, recoveryCase: RecoveryCase.ID? = nil,
    detail: String? = nil
  ) throws(Refusal) {
    // Never from a source that a test repeats: two lines with one mark are one.
    let mark = try RandomSource.system.bytes(Self.markSize)
    let line = Self.line(
      mark, hash, [clock(), event.rawValue, actor, subject, organization, recoveryCase, detail])
    database.leave(mark)
    try database.run(line.sql, all: line.values)
  }

  /// The statement that adds a line, once: repeated after a connection was lost, it adds none.
  private static func line(
    _ mark: [UInt8], _ hash: KeyedHash, _ fields: [any Storable]
  ) -> (sql: String, values: [any Storable]) {
    let sql = """
      INSERT INTO audit
        (at, event, actor, subject, organization, recovery_case, detail, mark, seal)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (mark) DO NOTHING
      """
    return (sql, fields + [mark, hash.seal("audit", fields + [mark])])
  }

  /// What stands in the place of a change that was given up; see `Database.abandonment`.
  static func abandonment(
    _ hash: KeyedHash, _ clock: @escaping () -> Seconds
  ) -> ([UInt8]) -> (sql: String, values: [any Storable]) {
    let nobody: Int64? = nil
    let nothing: String? = nil
    return {
      line(
        $0, hash,
        [
          clock(), AuditEvent.changeGivenUp.rawValue, nobody, nobody, nobody, nobody, nothing,
        ])
    }
  }

  /// The newest entries, newest last; of one account, or of all.
  func entries(of subject: Account.ID?, last count: Int) throws(Refusal) -> [AuditEntry] {
    guard let subject else {
      return try Self.entries(
        database.rows("\(Self.columns) ORDER BY id DESC LIMIT ?", count, read: Self.entry))
    }
    return try Self.entries(
      database.rows(
        "\(Self.columns) WHERE subject = ? OR actor = ? ORDER BY id DESC LIMIT ?", subject, subject,
        count, read: Self.entry))
  }

  /// The newest entries of an Organization, newest last.
  func entries(of organization: Organization.ID, last count: Int) throws(Refusal) -> [AuditEntry] {
    try Self.entries(
      database.rows(
        "\(Self.columns) WHERE organization = ? ORDER BY id DESC LIMIT ?", organization, count,
        read: Self.entry))
  }

  private static let columns =
    "SELECT id, at, event, actor, subject, organization, recovery_case, detail FROM audit"

  /// Nil for an event that only a later version knows.
  private static func entry(_ row: any Row) -> AuditEntry? {
    AuditEvent(rawValue: row.text(2)).map {
      AuditEntry(
        number: row.integer(0), at: row.seconds(1), event: $0,
        actor: row.optionalInteger(3).map { Account.ID($0) },
        subject: row.optionalInteger(4).map { Account.ID($0) },
        organization: row.optionalInteger(5).map { Organization.ID($0) },
        recoveryCase: row.optionalInteger(6).map { RecoveryCase.ID($0) },
        detail: row.isNull(7) ? nil : row.text(7))
    }
  }

  private static func entries(_ found: [AuditEntry?]) -> [AuditEntry] {
    found.compactMap { $0 }.reversed()
  }
}

extension RelyingParty {
  /// What happened to the account of a session, the newest `count` entries, newest last.
  public func history(_ session: Session, last count: Int = 100) throws(Refusal) -> [AuditEntry] {
    try log.entries(of: account(of: session), last: count)
  }

  /// The whole audit log, the newest `count` entries, newest last; for support operators.
  public func auditLog(_ session: Session, last count: Int = 1000) throws(Refusal) -> [AuditEntry] {
    guard try isOperator(account(of: session)) else { throw .notAnOperator }
    return try log.entries(of: nil, last: count)
  }

  /// What happened in an Organization, the newest `count` entries, newest last; for its Owners.
  public func history(
    of id: Organization.ID, _ session: Session, last count: Int = 100
  ) throws(Refusal) -> [AuditEntry] {
    _ = try ownedOrganization(id, of: account(of: session))
    return try log.entries(of: id, last: count)
  }

  /// The addresses of accounts in entries that this person may see: of themselves, of those with
  /// whom they share an Organization, of who judged their case; and of all, for a support operator.
  public func names(
    of accounts: some Sequence<Account.ID>, _ session: Session
  ) throws(Refusal) -> [Account.ID: String] {
    let own = try enrollingAccount(of: session)
    let seesAll = try isOperator(own)
    var names: [Account.ID: String] = [:]
    for id in Set(accounts) {
      if id != own && !seesAll {
        guard try hasMet(own, id) else { continue }
      }
      names[id] = try findAccount(id)?.email
    }
    return names
  }

  /// Whether two share an Organization, or one judged the other's recovery case.
  private func hasMet(_ own: Account.ID, _ other: Account.ID) throws(Refusal) -> Bool {
    try database.exists(
      """
      SELECT 1 FROM membership AS own
      JOIN membership AS other ON other.organization = own.organization
      WHERE own.account = ? AND other.account = ?
      UNION ALL SELECT 1 FROM recovery_case WHERE account = ? AND judged_by = ?
      """, own, other, own, other)
  }
}
