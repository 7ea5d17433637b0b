import OATH

/// How a login goes on after the right password.
public enum PasswordStep: Sendable {
  /// MFA is off and nobody requires it: the person is in.
  case signedIn(SignIn)
  /// MFA is on: the prompt for the code.
  case codeNeeded(LoginTicket)
  /// MFA is off, but Organizations of the person enforce it: the session leads to Enable MFA and
  /// does nothing else until that is done.
  case enableNeeded(Session, by: [Organization])
}

/// A login that is through.
public struct SignIn: Sendable {
  public enum Means: Sendable { case password, code, backupCode }

  public let session: Session
  /// What the last step was.
  public let means: Means
  /// Backup codes that are left; nil while MFA is off.
  public let backupCodesLeft: Int?
  /// A recovery case of this account that is open or submitted. The person ought to be told: if
  /// they did not open it, somebody else knows their password.
  public let undecidedRecovery: RecoveryCase.ID?
}

extension RelyingParty {
  // MARK: The password

  /// The first stage of a login.
  ///
  /// An address without an account is answered as a wrong password is: the same refusal, after one
  /// hash of the same cost, and the same waits.
  public func logIn(email: String, password: String) throws(Refusal) -> PasswordStep {
    let name = EmailAddress.folded(email)
    let locks = try throttle.spend(.password, of: name, limit: policy.passwordTries, at: clock())
    let stored = try database.first("SELECT id, password_hash FROM account WHERE email = ?", name) {
      (id: Account.ID($0.integer(0)), hash: $0.text(1))
    }
    let isRight = try passwordHash.matches(password, hash: stored?.hash, decoy: decoy)
    guard let stored, isRight else {
      try log.record(.passwordRefused, subject: stored?.id)
      if locks { try log.record(.passwordLocked, subject: stored?.id) }
      throw .wrongNameOrPassword
    }
    try renewHash(stored.hash, of: stored.id, password: password)
    return try database.immediately { () throws(Refusal) in
      let account = stored.id
      try throttle.clear(.password, of: name)
      try log.record(.passwordAccepted, subject: account)
      try carryOutRecovery(of: account)
      if let credential = try credentials.active(of: account) {
        return .codeNeeded(try issueTicket(to: account, digits: credential.digits))
      }
      let enforcers = try enforcers(of: account)
      if enforcers.isEmpty { return .signedIn(try signIn(account, by: .password)) }
      try log.record(.ledToEnable, subject: account, detail: "by \(enforcers.count)")
      return .enableNeeded(try issueSession(.enabling, to: account), by: enforcers)
    }
  }

  /// A hash that was made at another cost is made anew while the password is at hand.
  private func renewHash(
    _ stored: String, of account: Account.ID, password: String
  ) throws(Refusal) {
    if passwordHash.isCurrent(stored, decoy: decoy) { return }
    let renewed = try passwordHash.hash(password, setting: passwordHash.setting(random: random))
    try database.run(
      "UPDATE account SET password_hash = ? WHERE id = ? AND password_hash = ?", renewed, account,
      stored)
  }

  private func issueTicket(to account: Account.ID, digits: Digits) throws(Refusal) -> LoginTicket {
    let now = clock()
    let expires = now.later(by: policy.ticketLifetime.rawValue)
    return LoginTicket(
      bearer: try tickets.issue(.code, to: account, at: now, until: expires), expires: expires,
      digits: digits.rawValue)
  }

  // MARK: The code

  /// The second stage of a login.
  ///
  /// - Parameter typed: the token's code, or a backup code; spaces, hyphens and case do not matter.
  ///   What can be neither is refused without spending a try. After a refusal the ticket is still
  ///   good, until it expires.
  public func logIn(_ ticket: LoginTicket, code typed: String) throws(Refusal) -> SignIn {
    let account = try account(of: ticket)
    guard let credential = try credentials.active(of: account) else { throw .ticketEnded }
    guard let entry = LoginEntry(parsing: typed, digits: credential.digits) else {
      throw .notACode(digits: credential.digits.rawValue)
    }
    let locks = try throttle.spend(
      .code, of: throttleName(account), limit: policy.codeTries, at: clock())
    do {
      switch entry {
      case .code(let code): return try logIn(ticket, of: account, credential, code: code)
      case .backup(let code): return try logIn(ticket, of: account, credential, backup: code)
      }
    } catch {
      if locks { try log.record(.codeLocked, subject: account) }
      throw error
    }
  }

  private func logIn(
    _ ticket: LoginTicket, of account: Account.ID, _ credential: Credential, code: [UInt8]
  ) throws(Refusal) -> SignIn {
    let verdict = credential.verify(code, at: clock(), policy.tokenClock)
    guard case .right(let step, let drift) = verdict else {
      try noteCandidate(verdict, of: credential)
      try log.record(verdict == .replayed ? .codeReplayed : .codeRefused, subject: account)
      throw verdict == .replayed ? .codeUsed : .wrongCode
    }
    let signIn = try database.immediately { () throws(Refusal) -> SignIn? in
      guard try credentials.advance(credential.id, to: step, drift: drift) else { return nil }
      try log.record(.codeAccepted, subject: account, detail: "drift \(drift)")
      return try finish(ticket, of: account, by: .code)
    }
    guard let signIn else {
      // Another login was faster, or the key was changed in this moment.
      try log.record(.codeReplayed, subject: account)
      throw .codeUsed
    }
    return signIn
  }

  /// The first of two codes waits for the second; anything else in between makes it start again.
  private func noteCandidate(
    _ verdict: TokenClock.Verdict, of credential: Credential
  ) throws(Refusal) {
    var clock = credential.clock
    clock.note(verdict)
    guard clock.candidate != credential.clock.candidate else { return }
    try database.immediately { () throws(Refusal) in
      try credentials.noteCandidate(clock.candidate, of: credential.id)
    }
  }

  private func logIn(
    _ ticket: LoginTicket, of account: Account.ID, _ credential: Credential, backup: BackupCode
  ) throws(Refusal) -> SignIn {
    let row = try backupCodes.find(backup, of: credential.id)
    let signIn = try database.immediately { () throws(Refusal) -> SignIn? in
      guard let row, try backupCodes.use(row, at: clock()) else { return nil }
      let left = try backupCodes.left(of: account) ?? 0
      try log.record(.backupCodeAccepted, subject: account, detail: "\(left) left")
      return try finish(ticket, of: account, by: .backupCode)
    }
    guard let signIn else {
      try log.record(.backupCodeRefused, subject: account)
      throw .wrongBackupCode
    }
    return signIn
  }

  /// Inside a transaction: the ticket is used up, the tries forgotten, the session there.
  private func finish(
    _ ticket: LoginTicket, of account: Account.ID, by means: SignIn.Means
  ) throws(Refusal) -> SignIn {
    guard try tickets.end(ticket.bearer) else { throw .ticketEnded }
    try throttle.clear(.code, of: throttleName(account))
    return try signIn(account, by: means)
  }

  // MARK: The session

  private func signIn(_ account: Account.ID, by means: SignIn.Means) throws(Refusal) -> SignIn {
    try log.record(.signedIn, actor: account, subject: account)
    return SignIn(
      session: try issueSession(.full, to: account), means: means,
      backupCodesLeft: try backupCodes.left(of: account),
      undecidedRecovery: try undecidedRecovery(of: account))
  }

  private func issueSession(
    _ reach: TicketReach, to account: Account.ID
  ) throws(Refusal) -> Session {
    let now = clock()
    let expires = now.later(by: policy.sessionLifetime.rawValue)
    return Session(
      bearer: try tickets.issue(reach, to: account, at: now, until: expires), expires: expires)
  }

  /// Whose login ticket it is, if it is still good.
  func account(of ticket: LoginTicket) throws(Refusal) -> Account.ID {
    guard let (account, reach) = try tickets.find(ticket.bearer, at: clock()), reach == .code else {
      throw .ticketEnded
    }
    return account
  }

  /// Codes are counted by account number; the e-mail address might change one day.
  func throttleName(_ account: Account.ID) -> String { String(account.rawValue) }
}
