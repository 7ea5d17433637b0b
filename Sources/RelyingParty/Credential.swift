import OATH

/// A TOTP key of an account: the active one, or one that waits for its first code.
struct Credential {
  let id: Int64
  let secret: SecretBytes
  let algorithm: HashAlgorithm
  let digits: Digits
  let totp: TOTP
  /// When a pending one is given up.
  let expires: Seconds
  /// Where the token's clock is believed to be, in steps; positive: ahead of ours.
  let drift: Int
  /// The step of the last code accepted, nil before the first.
  let lastStep: Step?

  /// How a submitted code stands to this key.
  enum Verdict: Equatable {
    case wrong
    /// Right, but its step is not after the last one accepted.
    case replayed
    /// Right, and how many steps its token's clock is ahead.
    case right(Step, drift: Int)
  }

  /// Verifies a code (RFC 6238, sections 5.2 and 6).
  ///
  /// Two windows of ±`tolerance` steps are looked at: one around where the token's clock is
  /// believed to be, so that a drifting token is followed; and one around our own time, so that a
  /// token whose clock was set right since, or another token under the same key, is not shut out.
  /// While there is no drift they are the same.
  ///
  /// - Parameter others: further places, in steps from our time, where the clock may be.
  func verify(
    _ code: [UInt8], at now: Seconds, tolerance: Int, driftLimit: Int, others: [Int] = []
  ) -> Verdict {
    guard let present = totp.step(at: now) else { return .wrong }
    let key = secret.key(algorithm)
    let window = VerificationWindow(behind: tolerance, ahead: tolerance)
    var verdict = Verdict.wrong
    var centres = [drift]
    for other in [0] + others where !centres.contains(other) { centres.append(other) }
    for centre in centres {
      guard let around = present.advanced(by: centre),
        let step = window.match(code.span, key: key, digits: digits, around: around)
      else { continue }
      switch verdict {
      case .right: break
      case .wrong, .replayed:
        if let lastStep, step <= lastStep {
          verdict = .replayed
        } else {
          let ahead = Int(Int64(step.rawValue) - Int64(present.rawValue))
          verdict = .right(step, drift: max(-driftLimit, min(driftLimit, ahead)))
        }
      }
    }
    return verdict
  }
}

/// The credential table.
struct Credentials {
  let database: Database

  func active(of account: Account.ID) throws(Refusal) -> Credential? {
    try find(account, isActive: true)
  }

  func pending(of account: Account.ID) throws(Refusal) -> Credential? {
    try find(account, isActive: false)
  }

  func isActive(of account: Account.ID) throws(Refusal) -> Bool {
    try database.exists("SELECT 1 FROM credential WHERE account = ? AND is_active", account)
  }

  /// Takes a step for used, if no other login took it or a later one first, and the key is still
  /// the active one. Says whether it was taken.
  func advance(_ id: Int64, to step: Step, drift: Int) throws(Refusal) -> Bool {
    let number = Int64(step.rawValue)
    return try database.run(
      """
      UPDATE credential SET last_step = ?1, drift = ?2
      WHERE id = ?3 AND is_active AND last_step < ?1
      """, number, drift, id) == 1
  }

  /// Puts a new key beside the active one, in the place of any that waited before.
  func stage(
    _ secret: [UInt8], policy: Policy, for account: Account.ID, until expires: Seconds
  ) throws(Refusal) {
    try discardPending(of: account)
    let sealing = SecretSealing.current
    try database.run(
      """
      INSERT INTO credential (account, sealing, secret, algorithm, digits, period, expires_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """, account, sealing.rawValue, sealing.seal(secret), Int(policy.algorithm.rawValue),
      policy.digits.rawValue, policy.period, expires)
  }

  /// Makes the waiting key the active one; the old one goes, and its backup codes with it. Says
  /// whether the key `id` was still waiting.
  func activate(
    _ id: Int64, of account: Account.ID, at step: Step, drift: Int, backupSetting: String
  ) throws(Refusal) -> Bool {
    try database.run("DELETE FROM credential WHERE account = ? AND is_active", account)
    return try database.run(
      """
      UPDATE credential SET is_active = 1, last_step = ?, drift = ?, backup_setting = ?
      WHERE id = ? AND account = ? AND NOT is_active
      """, Int64(step.rawValue), drift, backupSetting, id, account) == 1
  }

  @discardableResult
  func discardPending(of account: Account.ID) throws(Refusal) -> Bool {
    try database.run("DELETE FROM credential WHERE account = ? AND NOT is_active", account) == 1
  }

  /// Takes MFA off: the active key, a waiting one, and all backup codes.
  func discardAll(of account: Account.ID) throws(Refusal) {
    try database.run("DELETE FROM credential WHERE account = ?", account)
  }

  private func find(_ account: Account.ID, isActive: Bool) throws(Refusal) -> Credential? {
    let found = try database.first(
      """
      SELECT id, sealing, secret, algorithm, digits, period, expires_at, drift, last_step
      FROM credential WHERE account = ? AND is_active = ?
      """, account, isActive, read: Credential.init)
    guard let found else { return nil }
    guard let credential = found else {
      throw .storage(.damaged(reason: "a key of account \(account.rawValue) makes no sense"))
    }
    return credential
  }
}

extension Credential {
  /// Nil if the row cannot have been written by this program.
  fileprivate init?(_ row: Row) {
    guard let sealing = SecretSealing(rawValue: Int(row.integer(1))),
      let algorithm = UInt8(exactly: row.integer(3)).flatMap(HashAlgorithm.init(rawValue:)),
      let digits = Digits(rawValue: Int(row.integer(4))), let totp = TOTP(period: row.seconds(5))
    else { return nil }
    id = row.integer(0)
    secret = sealing.open(row.secret(2))
    self.algorithm = algorithm
    self.digits = digits
    self.totp = totp
    expires = row.seconds(6)
    drift = Int(row.integer(7))
    lastStep = UInt64(exactly: row.integer(8)).map { Step($0) }
    guard !secret.isEmpty else { return nil }
  }
}
