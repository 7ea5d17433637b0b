extension RelyingParty {
  /// Makes an account. MFA is off to begin with. (That an address is taken is said here; only a
  /// message to the address could keep that to its owner.)
  ///
  /// - Parameter email: one "@", no spaces; case does not matter.
  /// - Parameter password: `policy.shortestPassword` to `policy.longestPassword` characters, any but
  ///   zero, in at most 511 bytes, and not the e-mail address itself. No rule asks for digits or
  ///   capitals: length is what counts (NIST SP 800-63B, section 5.1.1.2).
  @discardableResult
  public func signUp(
    email: String, password: String, from client: Client = .unknown
  ) throws(Refusal) -> Account.ID {
    guard let address = EmailAddress(email) else { throw .emailMalformed }
    try checkPassword(password, of: address)
    if !client.address.isEmpty {
      _ = try throttle.spend([.init(.signUp, of: client.address, policy.signUpTries)], at: clock())
    }
    let hash = try passwordHash.hash(password, setting: passwordHash.setting(random: random))
    return try database.immediately { () throws(Refusal) in
      guard try findAccount(email: address.text) == nil else { throw .emailTaken }
      let account = Account.ID(
        try database.insert(
          "INSERT INTO account (email, password_hash, created_at) VALUES (?, ?, ?) RETURNING id",
          address.text, hash, clock()))
      try accountSeals.sealNew(account)
      try log.record(.signedUp, actor: account, subject: account)
      return account
    }
  }

  /// Of a new password: one that was taken under another rule goes on logging in.
  func checkPassword(_ password: String, of address: EmailAddress) throws(Refusal) {
    guard password.count >= policy.shortestPassword else {
      throw .passwordTooShort(least: policy.shortestPassword)
    }
    let mostBytes = PasswordHash.longestPhrase
    guard password.count <= policy.longestPassword, password.utf8.count <= mostBytes else {
      throw .passwordTooLong(most: policy.longestPassword, mostBytes: mostBytes)
    }
    guard !password.utf8.contains(0), EmailAddress.folded(password) != address.text else {
      throw .passwordUnusable
    }
  }
}
