/// The seals of the account table: each binds the account's number to its address, its password, whether
/// it is an operator's, which key is its active one, if any, and its roles and permissions in
/// Organizations.
///
/// Whoever can write the database but not read the key file can thus neither give an account another
/// password, nor take its MFA off by deleting the key, nor make themselves an operator or an Owner, nor
/// take a person out of an Organization that has a say in their MFA: the account is refused from then on. They can put back a whole row, with its seal, that was there before.
struct AccountSeals {
  let database: Database
  let hash: KeyedHash

  /// Runs `change`, which changes what is sealed, inside a transaction.
  func changing<T>(_ account: Account.ID, _ change: () throws(Refusal) -> T) throws(Refusal) -> T {
    try check(account)
    let result = try change()
    try seal(account)
    return result
  }

  /// Seals an account that was made in this transaction.
  func seal(_ account: Account.ID) throws(Refusal) {
    guard let (seal, _) = try state(of: account) else { return }
    try database.run("UPDATE account SET seal = ? WHERE id = ?", seal, account)
  }

  /// Seals an account that was just made. Nobody can have waited for its number: where anything refers to it
  /// already, it is refused.
  func sealNew(_ account: Account.ID) throws(Refusal) {
    for table in ["membership", "credential", "ticket", "recovery_case"]
    where try database.exists("SELECT 1 FROM \(table) WHERE account = ?", account) {
      throw .sealing(.altered(place: "account \(account.rawValue)"))
    }
    try seal(account)
  }

  /// Refuses an account that somebody without the key has changed.
  func check(_ account: Account.ID) throws(Refusal) {
    guard let (seal, stored) = try state(of: account) else { return }
    guard seal == stored else {
      throw .sealing(.altered(place: "account \(account.rawValue)"))
    }
  }

  /// Seals all accounts and backup codes of a layout that had no seals. Invitations and recovery cases
  /// that wait are dropped: people make them anew.
  func sealAll() throws(Refusal) {
    try database.run("DELETE FROM invitation WHERE seal IS NULL")
    try database.run("DELETE FROM recovery_case WHERE seal IS NULL")
    for account in try database.rows("SELECT id FROM account", read: { Account.ID($0.integer(0)) })
    {
      try seal(account)
    }
    let codes = try database.rows(
      "SELECT id, credential, hash FROM backup_code WHERE hash IS NOT NULL"
    ) { ($0.integer(0), $0.integer(1), $0.text(2)) }
    for (id, credential, stored) in codes {
      try database.run(
        "UPDATE backup_code SET hash = ? WHERE id = ?",
        BackupCodeSet.bound(stored, to: credential, hash), id)
    }
  }

  /// The seal that an account has to have, and the one it has.
  private func state(of account: Account.ID) throws(Refusal) -> ([UInt8], [UInt8])? {
    let active = try database.first(
      "SELECT id FROM credential WHERE account = ? AND is_active", account
    ) { $0.integer(0) }
    let memberships = try database.rows(
      """
      SELECT organization, role, may_manage_mfa FROM membership WHERE account = ?
      ORDER BY organization
      """, account
    ) { row -> [any Storable] in [row.integer(0), row.text(1), row.flag(2)] }
    return try database.first(
      "SELECT email, password_hash, is_operator, created_at, seal FROM account WHERE id = ?",
      account
    ) { row in
      let values: [any Storable] = [
        account, row.text(0), row.text(1), row.flag(2), row.integer(3), active,
      ]
      return (hash.seal("account", values + memberships.joined()), row.bytes(4))
    }
  }
}
