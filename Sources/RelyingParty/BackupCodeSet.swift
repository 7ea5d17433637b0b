import OATH

/// The backup codes of an active credential, in the database.
///
/// A set shares one salt, so that a submission is hashed once and compared with all that are left,
/// rather than hashed ten times. A shared salt costs nothing here: the codes are random, with
/// 49.5 bits each, so no two are alike and no table made in advance fits.
struct BackupCodeSet {
  let database: Database
  let hash: PasswordHash
  /// What is stored is bound to its credential under this key: the hash of a code that somebody made up
  /// is none.
  let keyedHash: KeyedHash
  let random: RandomSource

  /// A set that is made and hashed, but not yet in the database.
  struct Draft {
    let codes: BackupCodes
    let setting: String
    fileprivate let hashes: [String]
  }

  /// Makes a set. Ten slow hashes: do it outside of a transaction.
  func draw() throws(Refusal) -> Draft {
    let setting = try hash.setting(random: random)
    var codes: [BackupCode] = []
    var hashes: [String] = []
    while codes.count < BackupCodes.count {
      let code = try BackupCode(random: random)
      if codes.contains(code) { continue }
      hashes.append(try hash.hash(code.text, setting: setting))
      codes.append(code)
    }
    return Draft(codes: BackupCodes(codes: codes.map(\.shown)), setting: setting, hashes: hashes)
  }

  func store(_ draft: Draft, for credential: Int64) throws(Refusal) {
    for hash in draft.hashes {
      try database.run(
        "INSERT INTO backup_code (credential, hash) VALUES (?, ?)", credential,
        Self.bound(hash, to: credential, keyedHash))
    }
  }

  /// Which unused code of the credential was submitted: its row. One slow hash; every stored hash
  /// is compared whatever is found.
  func find(_ code: BackupCode, of credential: Int64) throws(Refusal) -> Int64? {
    let setting = try database.first(
      "SELECT backup_setting FROM credential WHERE id = ?", credential
    ) { $0.text(0) }
    guard let setting, !setting.isEmpty else { return nil }
    let made = Self.bound(
      try hash.hash(code.text, setting: setting), to: credential, keyedHash)
    let left = try database.rows(
      "SELECT id, hash FROM backup_code WHERE credential = ? AND used_at IS NULL", credential
    ) { ($0.integer(0), $0.text(1)) }
    var found: Int64?
    for (row, stored) in left where PasswordHash.equal(made, stored) { found = row }
    return found
  }

  /// What is stored of a code's slow hash.
  static func bound(_ hash: String, to credential: Int64, _ keyedHash: KeyedHash) -> String {
    keyedHash.text(of: "backup code:\(credential):\(hash)")
  }

  /// Takes a code for used and forgets its hash. Says whether it was unused until now.
  func use(_ row: Int64, at now: Seconds) throws(Refusal) -> Bool {
    try database.run(
      "UPDATE backup_code SET used_at = ?, hash = NULL WHERE id = ? AND used_at IS NULL", now, row)
      == 1
  }

  /// How many are left of the active set; nil while MFA is off.
  func left(of account: Account.ID) throws(Refusal) -> Int? {
    try database.first(
      """
      SELECT (SELECT count(*) FROM backup_code WHERE credential = c.id AND used_at IS NULL)
      FROM credential AS c WHERE account = ? AND is_active
      """, account
    ) { Int($0.integer(0)) }
  }
}
