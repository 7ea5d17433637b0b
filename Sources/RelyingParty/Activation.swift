import OATH

/// What the first code of a new key gave.
public struct Activation: Sendable {
  /// Never shown again.
  public let backupCodes: BackupCodes
  /// The session goes on under this bearer: the one before is good for nothing from now on.
  public let session: Session

  /// The backup codes as they are shown.
  public var codes: [String] { backupCodes.codes }
}

extension RelyingParty {
  /// Takes the first code of a new key. Only this turns MFA on, or, with Update MFA, lets the old
  /// key and the old backup codes die, in the same transaction. The code counts as used. Other
  /// sessions of the account end; one that could only enable MFA may do everything from now on. After
  /// an update, the next change takes a new proof.
  ///
  /// The session goes on under another bearer, in the same transaction, so that a cookie which
  /// somebody planted or saw before does not become worth more.
  ///
  /// Wrong codes are not counted here: who has this session, and has just proved who they are, was
  /// shown the key. An older proof is refused, as the key itself is then.
  ///
  /// - Returns: the backup codes, which are never shown again, and the session.
  public func activate(_ session: Session, code typed: String) throws(Refusal) -> Activation {
    let account = try enrollingAccount(of: session)
    guard let pending = try credentials.pending(of: account) else { throw .noEnrolment }
    guard clock() < pending.expires else { throw .enrolmentExpired }
    try checkFresh(session)
    guard case .code(let code) = LoginEntry(parsing: typed, digits: pending.digits) else {
      throw .notACode(digits: pending.digits.rawValue)
    }
    // With an update the new key is often on the old token, whose clock we know.
    let known = try credentials.active(of: account).map { [$0.drift] } ?? []
    let verdict = pending.verify(
      code, at: clock(), policy.tokenClock, others: known)
    guard case .right(let step, let drift) = verdict else {
      try log.record(.firstCodeRefused, actor: account, subject: account)
      throw .wrongCode
    }
    let draft = try backupCodes.draw()
    let renewed = try database.immediately { () throws(Refusal) in
      // Ten slow hashes later: is everything still so?
      guard try enrollingAccount(of: session) == account else { throw .sessionEnded }
      let isUpdate = try credentials.isActive(of: account)
      if isUpdate { try checkMayUpdate(account, record: false) }
      guard
        try credentials.activate(
          pending.id, of: account, at: step, drift: drift, backupSetting: draft.setting)
      else { throw .noEnrolment }
      try backupCodes.store(draft, for: pending.id)
      try tickets.endAll(of: account, but: session.bearer)
      if isUpdate { try tickets.endProofs(of: account) }
      // Who can do this has not lost access, and a case left lying could later turn MFA off.
      try stopRecovery(of: account, by: account)
      try throttle.clear(.code, of: throttleName(account))
      try log.record(
        isUpdate ? .mfaUpdated : .mfaEnabled, actor: account, subject: account,
        detail: "drift \(drift)")
      return try self.renewed(session)
    }
    database.emptyLog()
    return Activation(backupCodes: draft.codes, session: renewed)
  }
}
