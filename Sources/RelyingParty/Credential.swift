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
  /// What is known of the token's clock.
  let clock: TokenClock

  var drift: Int { clock.drift }
  /// The step of the last code accepted, nil before the first.
  var lastStep: Step? { clock.lastStep }

  /// Verifies a code (RFC 6238, sections 5.2 and 6).
  ///
  /// - Parameter others: further places, in steps from our time, where the token's clock may be.
  func verify(
    _ code: [UInt8], at now: Seconds, _ rules: TokenClock.Rules, others: [Int] = []
  ) -> TokenClock.Verdict {
    guard let present = totp.step(at: now) else { return .wrong }
    let key = secret.key(algorithm)
    return clock.verdict(at: present, rules, others: others) { window, step in
      window.match(code.span, key: key, digits: digits, around: step)
    }
  }
}

/// The credential table.
struct Credentials {
  let database: Database
  let keys: SealingKeys
  /// Which key is the active one is part of them.
  let seals: AccountSeals
  let random: RandomSource

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
  /// the active one. A step before the last one (see `TokenClock`) takes that no other login came
  /// between. Says whether it was taken; throws if its code was used in this moment.
  func advance(
    _ credential: Credential, to step: Step, drift: Int, _ rules: TokenClock.Rules
  ) throws(Refusal) -> Bool {
    let number = Int64(step.rawValue)
    try noteCandidate(nil, of: credential.id)
    let last = credential.lastStep.map { Int64($0.rawValue) } ?? -1
    let taken = try database.run(
      """
      UPDATE credential SET last_step = ?, drift = ?
      WHERE id = ? AND is_active AND (last_step < ? OR last_step = ?)
      """, number, drift, credential.id, number, number < last ? last : -2)
    guard taken == 1 else { return false }
    guard try spend(number, of: credential.id) else { throw .codeUsed }
    try database.run(
      "DELETE FROM spent_step WHERE credential = ? AND step < ?", credential.id,
      min(number, last) - Int64(TokenClock.memory(rules)))
    return true
  }

  /// Remembers the first of two consecutive codes, or forgets one that nothing followed.
  func noteCandidate(_ step: Step?, of id: Int64) throws(Refusal) {
    try database.run("DELETE FROM resynchronisation WHERE credential = ?", id)
    guard let step else { return }
    let number = Int64(step.rawValue)
    try database.run(
      "INSERT INTO resynchronisation (credential, step) VALUES (?, ?)", id, number)
    try spend(number, of: id)
  }

  /// The code of this step is not for another login. Says whether it was until now.
  @discardableResult
  private func spend(_ step: Int64, of id: Int64) throws(Refusal) -> Bool {
    try database.run(
      "INSERT INTO spent_step (credential, step) VALUES (?, ?) ON CONFLICT DO NOTHING", id, step)
      == 1
  }

  private func spent(of id: Int64) throws(Refusal) -> Set<Step> {
    let steps = try database.rows("SELECT step FROM spent_step WHERE credential = ?", id) {
      UInt64(exactly: $0.integer(0)).map { Step($0) }
    }
    return Set(steps.compactMap { $0 })
  }

  /// Puts a new key beside the active one, in the place of any that waited before.
  func stage(
    _ secret: [UInt8], policy: Policy, for account: Account.ID, until expires: Seconds
  ) throws(Refusal) {
    try discardPending(of: account)
    guard let totp = TOTP(period: policy.period) else {
      preconditionFailure("the policy was validated")
    }
    try insert(
      secret, policy.algorithm, policy.digits, totp, for: account, isActive: false, until: expires)
  }

  /// Puts a key there that is active, or waits for its first code.
  func insert(
    _ secret: [UInt8], _ algorithm: HashAlgorithm, _ digits: Digits, _ totp: TOTP,
    for account: Account.ID, isActive: Bool, until expires: Seconds
  ) throws(Refusal) {
    // The seal names the row, whose number is known once it is there.
    let unsealed: [UInt8] = []
    let id = try database.insert(
      """
      INSERT INTO credential
        (account, is_active, sealing, secret, algorithm, digits, period, expires_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
      """, account, isActive, SecretSealing.sealed, unsealed, Int(algorithm.rawValue),
      digits.rawValue, totp.period, expires)
    try seal(secret, id, of: account)
    if isActive { try seals.seal(account) }
  }

  private func seal(_ secret: [UInt8], _ id: Int64, of account: Account.ID) throws(Refusal) {
    let sealed = try keys.seal(secret, at: Self.place(id, of: account), random: random)
    try database.run(
      "UPDATE credential SET sealing = ?, secret = ? WHERE id = ?", SecretSealing.sealed, sealed, id
    )
  }

  private static func place(_ id: Int64, of account: Account.ID) -> String {
    "credential \(id) of account \(account.rawValue)"
  }

  /// Seals a few keys after `id` under the file's current key, where they are not. Returns the last
  /// one looked at; nil if there are none left.
  func sealAnew(after id: Int64) throws(Refusal) -> Int64? {
    let few = 100
    let found = try database.rows(
      "SELECT id, account, sealing, secret FROM credential WHERE id > ? ORDER BY id LIMIT ?", id,
      few
    ) { ($0.integer(0), Account.ID($0.integer(1)), Int($0.integer(2)), $0.bytes(3)) }
    for (id, account, sealing, stored) in found {
      if SecretSealing(rawValue: sealing) == .sealed, SealingKeys.number(of: stored) == keys.current
      {
        continue
      }
      try seal(open(stored, sealing, id, of: account).copy, id, of: account)
    }
    return found.last?.0
  }

  private func open(
    _ stored: [UInt8], _ sealing: Int, _ id: Int64, of account: Account.ID
  ) throws(Refusal) -> SecretBytes {
    let place = Self.place(id, of: account)
    guard SecretSealing(rawValue: sealing) == .sealed else {
      throw .sealing(.altered(place: place))
    }
    return try keys.open(stored, at: place)
  }

  /// Makes the waiting key the active one; the old one goes, and its backup codes with it. Says
  /// whether the key `id` was still waiting.
  func activate(
    _ id: Int64, of account: Account.ID, at step: Step, drift: Int, backupSetting: String
  ) throws(Refusal) -> Bool {
    let number = Int64(step.rawValue)
    return try seals.changing(account) { () throws(Refusal) in
      try database.run("DELETE FROM credential WHERE account = ? AND is_active", account)
      let activated = try database.run(
        """
        UPDATE credential SET is_active = TRUE, last_step = ?, drift = ?, backup_setting = ?
        WHERE id = ? AND account = ? AND NOT is_active
        """, number, drift, backupSetting, id, account)
      guard activated == 1 else { return false }
      try spend(number, of: id)
      return true
    }
  }

  @discardableResult
  func discardPending(of account: Account.ID) throws(Refusal) -> Bool {
    try database.run("DELETE FROM credential WHERE account = ? AND NOT is_active", account) == 1
  }

  /// Takes MFA off: the active key, a waiting one, and all backup codes.
  func discardAll(of account: Account.ID) throws(Refusal) {
    try seals.changing(account) { () throws(Refusal) in
      _ = try database.run("DELETE FROM credential WHERE account = ?", account)
    }
  }

  private func find(_ account: Account.ID, isActive: Bool) throws(Refusal) -> Credential? {
    let found = try database.first(
      """
      SELECT id, sealing, secret, algorithm, digits, period, expires_at, drift, last_step,
        coalesce((SELECT step FROM resynchronisation WHERE credential = credential.id), -1)
      FROM credential WHERE account = ? AND is_active = ?
      """, account, isActive
    ) { (id: $0.integer(0), sealing: Int($0.integer(1)), secret: $0.bytes(2), rest: Rest($0)) }
    guard let found else { return nil }
    let secret = try open(found.secret, found.sealing, found.id, of: account)
    guard let rest = found.rest, !secret.isEmpty else {
      throw .storage(.damaged(reason: "a key of account \(account.rawValue) makes no sense"))
    }
    return Credential(
      id: found.id, secret: secret, algorithm: rest.algorithm, digits: rest.digits, totp: rest.totp,
      expires: rest.expires,
      clock: TokenClock(
        drift: rest.clock.drift, lastStep: rest.clock.lastStep, candidate: rest.clock.candidate,
        spent: try spent(of: found.id)))
  }

  /// What of a row is not sealed, from its column 3.
  private struct Rest {
    let algorithm: HashAlgorithm
    let digits: Digits
    let totp: TOTP
    let expires: Seconds
    let clock: TokenClock

    /// Nil if the row cannot have been written by this program.
    init?(_ row: any Row) {
      guard let algorithm = UInt8(exactly: row.integer(3)).flatMap(HashAlgorithm.init(rawValue:)),
        let digits = Digits(rawValue: Int(row.integer(4))), let totp = TOTP(period: row.seconds(5))
      else { return nil }
      self.algorithm = algorithm
      self.digits = digits
      self.totp = totp
      expires = row.seconds(6)
      clock = TokenClock(
        drift: Int(row.integer(7)), lastStep: UInt64(exactly: row.integer(8)).map { Step($0) },
        candidate: UInt64(exactly: row.integer(9)).map { Step($0) })
    }
  }
}
