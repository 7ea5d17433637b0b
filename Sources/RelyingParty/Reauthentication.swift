import OATH

/// Who sits at a browser that was left signed in, or has its cookie, is not yet the person. What
/// changes how one logs in takes a proof that is not older than `policy.reauthenticationWindow`;
/// a login is one.
extension RelyingParty {
  /// Whether the proof is recent enough to change MFA or the password.
  public func isFresh(_ session: Session) throws(Refusal) -> Bool {
    isFresh(try ticket(of: session))
  }

  /// Refuses a session whose proof is too old.
  func checkFresh(_ session: Session) throws(Refusal) {
    guard isFresh(try ticket(of: session)) else { throw .reauthenticationNeeded }
  }

  private func isFresh(_ ticket: IssuedTicket) -> Bool {
    clock() < ticket.proved.later(by: policy.reauthenticationWindow.rawValue)
  }

  /// Proves anew who sits there; the session goes on under another bearer. Wrong tries count as
  /// those of a login do.
  ///
  /// - Parameter code: the token's code or a backup code, needed while MFA is on; each works once.
  public func reauthenticate(
    _ session: Session, password: String, code: String? = nil, from client: Client = .unknown
  ) throws(Refusal) -> Session {
    let account = try enrollingAccount(of: session)
    let credential = try credentials.active(of: account)
    if credential != nil && (code ?? "").isEmpty { throw .codeMissing }
    try checkPassword(password, of: account, from: client)
    guard let credential, let code else {
      return try database.immediately { () throws(Refusal) in
        // MFA may have been turned on in this moment.
        guard try !credentials.isActive(of: account) else { throw .codeMissing }
        return try prove(session, of: account)
      }
    }
    return try take(code, of: account, credential, from: client) { (_) throws(Refusal) in
      try prove(session, of: account)
    }
  }

  /// Changes the password. All other sessions and login tickets of the account end, a new key that
  /// waits for its first code goes, and the next change takes a proof with the new password.
  public func changePassword(_ session: Session, to password: String) throws(Refusal) -> Session {
    _ = try self.account(of: session)
    let account = try account(session)
    try checkFresh(session)
    guard let address = EmailAddress(account.email) else { throw .emailMalformed }
    try checkPassword(password, of: address)
    let hash = try passwordHash.hash(password, setting: passwordHash.setting(random: random))
    return try database.immediately { () throws(Refusal) in
      let id = try self.account(of: session)
      try accountSeals.changing(id) { () throws(Refusal) in
        _ = try database.run("UPDATE account SET password_hash = ? WHERE id = ?", hash, id)
      }
      try tickets.endAll(of: id, but: session.bearer)
      try tickets.endProofs(of: id)
      try credentials.discardPending(of: id)
      try log.record(.passwordChanged, actor: id, subject: id)
      return try renewed(session)
    }
  }

  private func checkPassword(
    _ password: String, of account: Account.ID, from client: Client
  ) throws(Refusal) {
    let stored = try database.first(
      "SELECT email, password_hash FROM account WHERE id = ?", account
    ) { (email: $0.text(0), hash: $0.text(1)) }
    guard let stored else { throw .sessionEnded }
    let tries = [Throttle.Try(.password, of: stored.email, policy.passwordTries)]
    let locks = try throttle.spend(tries + addressTries(client), at: clock())
    guard try passwordHash.matches(password, hash: stored.hash, decoy: decoy) else {
      try log.record(.passwordRefused, subject: account)
      if locks { try log.record(.passwordLocked, subject: account) }
      throw .wrongPassword
    }
    try database.immediately { () throws(Refusal) in
      try accountSeals.check(account)
      try throttle.clear(.password, of: stored.email)
      try throttle.giveBack(.address, of: client.address, at: clock())
    }
  }

  /// Inside a transaction.
  private func prove(_ session: Session, of account: Account.ID) throws(Refusal) -> Session {
    let now = clock()
    let renewed = try tickets.renew(session.bearer, proved: now, at: now)
    try log.record(.reauthenticated, actor: account, subject: account)
    return Session(bearer: renewed, expires: session.expires)
  }
}
