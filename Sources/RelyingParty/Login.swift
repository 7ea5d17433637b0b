import OATH

/// How a login goes on after the right password.
public enum PasswordStep: Sendable {
  /// MFA is off and nobody requires it: the person is in.
  case signedIn(SignIn)
  /// MFA is on: the prompt for the code.
  case codeNeeded(LoginTicket)
  /// MFA is off, and Organizations of the person require it by now: the session leads to Enable MFA
  /// and does nothing else until that is done.
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
  /// A recovery case of this account that is open, submitted, or approved and waiting. The person
  /// ought to be told: if they did not open it, somebody else knows their password.
  public let undecidedRecovery: RecoveryCase.ID?
}

extension RelyingParty {
  // MARK: The password

  /// The first stage of a login.
  ///
  /// An address without an account is answered as a wrong password is: the same refusal, after one
  /// hash of the same cost, and the same waits.
  ///
  /// - Parameter client: wrong tries are counted by its address too.
  public func logIn(
    email: String, password: String, from client: Client = .unknown
  ) throws(Refusal) -> PasswordStep {
    try purge()
    let name = EmailAddress.folded(email)
    let locks = try throttle.spend(
      [.init(.password, of: name, policy.passwordTries)] + addressTries(client), at: clock())
    let stored = try database.first("SELECT id, password_hash FROM account WHERE email = ?", name) {
      (id: Account.ID($0.integer(0)), hash: $0.text(1))
    }
    let isRight = try passwordHash.matches(password, hash: stored?.hash, decoy: decoy)
    guard let stored, isRight else {
      try log.record(.passwordRefused, subject: stored?.id)
      if locks { try log.record(.passwordLocked, subject: stored?.id) }
      throw .wrongNameOrPassword
    }
    let hash = try renewHash(stored.hash, of: stored.id, password: password)
    return try database.immediately { () throws(Refusal) in
      let account = stored.id
      // A slow hash later: changing the password ended what it had let in, and that has to hold.
      let isCurrent = try database.exists(
        "SELECT 1 FROM account WHERE id = ? AND password_hash = ?", account, hash)
      guard isCurrent else { throw .wrongNameOrPassword }
      try accountSeals.check(account)
      try throttle.clear(.password, of: name)
      try throttle.giveBack(.address, of: client.address, at: clock())
      try log.record(.passwordAccepted, subject: account)
      try comeBack(account)
      if let credential = try credentials.active(of: account) {
        return .codeNeeded(try issueTicket(to: account, digits: credential.digits, from: client))
      }
      let confiners = try confiners(of: account)
      if confiners.isEmpty { return .signedIn(try signIn(account, by: .password, from: client)) }
      try log.record(.ledToEnable, subject: account, detail: "by \(confiners.count)")
      return .enableNeeded(try issueSession(to: account, from: client), by: confiners)
    }
  }

  /// A hash that was made at another cost is made anew while the password is at hand. Returns the one
  /// that is there then.
  private func renewHash(
    _ stored: String, of account: Account.ID, password: String
  ) throws(Refusal) -> String {
    if passwordHash.isCurrent(stored, decoy: decoy) { return stored }
    let renewed = try passwordHash.hash(password, setting: passwordHash.setting(random: random))
    let changed = try database.immediately { () throws(Refusal) in
      try accountSeals.changing(account) { () throws(Refusal) in
        try database.run(
          "UPDATE account SET password_hash = ? WHERE id = ? AND password_hash = ?", renewed,
          account, stored)
      }
    }
    if changed == 1 { return renewed }
    // Another login was faster, or the password was changed.
    let other = try database.first("SELECT password_hash FROM account WHERE id = ?", account) {
      $0.text(0)
    }
    guard let other, try passwordHash.matches(password, hash: other, decoy: decoy) else {
      throw .wrongNameOrPassword
    }
    return other
  }

  private func issueTicket(
    to account: Account.ID, digits: Digits, from client: Client
  ) throws(Refusal) -> LoginTicket {
    let now = clock()
    let expires = now.later(by: policy.ticketLifetime.rawValue)
    return LoginTicket(
      bearer: try tickets.issue(.code, to: account, at: now, until: expires, from: client),
      expires: expires,
      digits: digits.rawValue)
  }

  // MARK: The code

  /// The second stage of a login.
  ///
  /// - Parameter typed: the token's code, or a backup code; spaces, hyphens and case do not matter.
  ///   What can be neither is refused without spending a try. After a refusal the ticket is still
  ///   good, until it expires.
  public func logIn(
    _ ticket: LoginTicket, code typed: String, from client: Client = .unknown
  ) throws(Refusal) -> SignIn {
    let account = try account(of: ticket)
    guard let credential = try credentials.active(of: account) else { throw .ticketEnded }
    return try take(typed, of: account, credential, from: client) { (means) throws(Refusal) in
      guard try tickets.end(ticket.bearer) else { throw .ticketEnded }
      return try signIn(account, by: means, from: client)
    }
  }

  /// Gives a login up before its code: its ticket is good for nothing from now on.
  public func cancel(_ ticket: LoginTicket) throws(Refusal) { try tickets.end(ticket.bearer) }

  /// Takes a code or a backup code of an account, each once, and runs `finish` in the transaction in
  /// which it is used up. That is a conditional one: the write that uses the code up finds it unused
  /// and its key still active, or finds nothing.
  func take<T>(
    _ typed: String, of account: Account.ID, _ credential: Credential, from client: Client,
    _ finish: (SignIn.Means) throws(Refusal) -> T
  ) throws(Refusal) -> T {
    guard let entry = LoginEntry(parsing: typed, digits: credential.digits) else {
      throw .notACode(digits: credential.digits.rawValue)
    }
    let locks = try throttle.spend(
      [.init(.code, of: throttleName(account), policy.codeTries)] + addressTries(client),
      at: clock())
    // In the transaction that uses the code up: the tries are forgotten with it.
    func success(_ means: SignIn.Means) throws(Refusal) -> T {
      try throttle.clear(.code, of: throttleName(account))
      try throttle.giveBack(.address, of: client.address, at: clock())
      return try finish(means)
    }
    do {
      switch entry {
      case .code(let code): return try take(code, of: account, credential, success)
      case .backup(let code): return try take(code, of: account, credential, success)
      }
    } catch {
      if locks { try log.record(.codeLocked, subject: account) }
      throw error
    }
  }

  private func take<T>(
    _ code: [UInt8], of account: Account.ID, _ credential: Credential,
    _ success: (SignIn.Means) throws(Refusal) -> T
  ) throws(Refusal) -> T {
    let verdict = credential.verify(code, at: clock(), policy.tokenClock)
    guard case .right(let step, let drift) = verdict else {
      try noteCandidate(verdict, of: credential)
      try log.record(verdict == .replayed ? .codeReplayed : .codeRefused, subject: account)
      throw verdict == .replayed ? .codeUsed : .wrongCode
    }
    let rules = policy.tokenClock
    let result = try unlessUsed { () throws(Refusal) -> T? in
      guard try credentials.advance(credential, to: step, drift: drift, rules) else { return nil }
      try log.record(.codeAccepted, subject: account, detail: "drift \(drift)")
      return try success(.code)
    }
    guard let result else {
      // Another login was faster, or the key was changed in this moment.
      try log.record(.codeReplayed, subject: account)
      throw .codeUsed
    }
    return result
  }

  /// Runs `body` in a conditional transaction; nil, with nothing done, if it finds its code used.
  private func unlessUsed<T>(_ body: () throws(Refusal) -> T?) throws(Refusal) -> T? {
    do throws(Refusal) {
      return try database.conditionally(body)
    } catch {
      guard error == .codeUsed else { throw error }
      return nil
    }
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

  private func take<T>(
    _ code: BackupCode, of account: Account.ID, _ credential: Credential,
    _ success: (SignIn.Means) throws(Refusal) -> T
  ) throws(Refusal) -> T {
    let row = try backupCodes.find(code, of: credential.id)
    let result = try database.conditionally { () throws(Refusal) -> T? in
      guard let row, try backupCodes.use(row, at: clock()) else { return nil }
      let left = try backupCodes.left(of: account) ?? 0
      try log.record(.backupCodeAccepted, subject: account, detail: "\(left) left")
      return try success(.backupCode)
    }
    guard let result else {
      try log.record(.backupCodeRefused, subject: account)
      throw .wrongBackupCode
    }
    return result
  }

  // MARK: The session

  private func signIn(
    _ account: Account.ID, by means: SignIn.Means, from client: Client
  ) throws(Refusal) -> SignIn {
    try log.record(.signedIn, actor: account, subject: account)
    return SignIn(
      session: try issueSession(to: account, from: client), means: means,
      backupCodesLeft: try backupCodes.left(of: account),
      undecidedRecovery: try recoveries.undecided(of: account)?.id)
  }

  private func issueSession(
    to account: Account.ID, from client: Client
  ) throws(Refusal) -> Session {
    let now = clock()
    let expires = now.later(by: policy.sessionLifetime.rawValue)
    return Session(
      bearer: try tickets.issue(.full, to: account, at: now, until: expires, from: client),
      expires: expires)
  }

  /// Whose login ticket it is, if it is still good.
  func account(of ticket: LoginTicket) throws(Refusal) -> Account.ID {
    guard let found = try tickets.find(ticket.bearer, at: clock()), found.reach == .code else {
      throw .ticketEnded
    }
    return found.account
  }

  /// Codes are counted by account number; the e-mail address might change one day.
  func throttleName(_ account: Account.ID) -> String { String(account.rawValue) }

  /// The count by network address, if there is one.
  func addressTries(_ client: Client) -> [Throttle.Try] {
    client.address.isEmpty ? [] : [.init(.address, of: client.address, policy.addressTries)]
  }
}
