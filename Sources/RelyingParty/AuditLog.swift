import OATH

/// What happens at the console, by name.
public enum AuditEvent: String, CaseIterable, Sendable {
  case signedUp, passwordAccepted, passwordRefused, passwordLocked
  case codeAccepted, codeRefused, codeReplayed, codeLocked
  case backupCodeAccepted, backupCodeRefused
  case signedIn, signedOut, ledToEnable
  case enableBegun, updateBegun, updateRefused, enrolmentAbandoned, firstCodeRefused
  case mfaEnabled, mfaUpdated, mfaDisabled, disableRefused
  case organizationCreated, organizationDissolved, memberInvited, memberJoined
  case invitationDeclined, invitationWithdrawn
  case memberLeft, memberRemoved, roleChanged, permissionChanged, enforcementBegun, enforcementEnded
  case operatorAppointed, operatorDismissed
  case recoveryOpened, recoveryItemHandedIn, recoverySubmitted, recoveryWithdrawn
  case recoveryApproved, recoveryRefused, recoveryCarriedOut
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
  let clock: () -> Seconds

  func record(
    _ event: AuditEvent, actor: Account.ID? = nil, subject: Account.ID? = nil,
    organization: Organization.ID? = nil, recoveryCase: RecoveryCase.ID? = nil,
    detail: String? = nil
  ) throws(Refusal) {
    try database.run(
      """
      INSERT INTO audit (at, event, actor, subject, organization, recovery_case, detail)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """, clock(), event.rawValue, actor, subject, organization, recoveryCase, detail)
  }

  /// The newest entries, newest last; of one account, or of all.
  func entries(of subject: Account.ID?, last count: Int) throws(Refusal) -> [AuditEntry] {
    let found = try database.rows(
      """
      SELECT id, at, event, actor, subject, organization, recovery_case, detail FROM audit
      WHERE ?1 IS NULL OR subject = ?1 OR actor = ?1 ORDER BY id DESC LIMIT ?2
      """, subject, count
    ) { row -> AuditEntry? in
      // An event that only a later version knows is left out.
      guard let event = AuditEvent(rawValue: row.text(2)) else { return nil }
      return AuditEntry(
        number: row.integer(0), at: row.seconds(1), event: event,
        actor: row.isNull(3) ? nil : Account.ID(row.integer(3)),
        subject: row.isNull(4) ? nil : Account.ID(row.integer(4)),
        organization: row.isNull(5) ? nil : Organization.ID(row.integer(5)),
        recoveryCase: row.isNull(6) ? nil : RecoveryCase.ID(row.integer(6)),
        detail: row.isNull(7) ? nil : row.text(7))
    }
    return found.compactMap { $0 }.reversed()
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
}
