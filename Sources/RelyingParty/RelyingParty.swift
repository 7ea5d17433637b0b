import Glibc
import OATH

/// The console: it issues secrets, verifies codes and keeps the account rules, in one SQLite file.
///
/// One value is one connection and belongs to one thread at a time; open the same file again for
/// another thread or process, they agree through the database. What a person may do is asked for
/// with a `Session`, which only a login gives. Time comes from `clock` alone, and randomness from
/// `random`, so that a test can repeat a run and a demo can move on by a week.
///
/// The flows are in the files named for them: `SignUp`, `Login`, `Enrolment`, `Activation`,
/// `Disable`, `Organization`, `RecoveryDesk`.
public final class RelyingParty {
  public let policy: Policy

  let database: Database
  let clock: () -> Seconds
  let random: RandomSource
  let passwordHash: PasswordHash
  /// A setting that an unknown account's password is hashed under.
  let decoy: String
  let throttle: Throttle
  let tickets: Tickets
  let log: AuditLog
  let credentials: Credentials
  let backupCodes: BackupCodeSet
  let recoveries: RecoveryCases

  /// Opens the console's file, creating it (mode 0600) if there is none.
  /// - Precondition: the numbers of `policy` are in the ranges it states.
  public init(
    opening file: String, policy: Policy = Policy(),
    clock: @escaping () -> Seconds = RelyingParty.systemClock, random: RandomSource = .system
  ) throws(Refusal) {
    policy.validate()
    self.policy = policy
    self.clock = clock
    self.random = random
    database = try Database(opening: file)
    let hash = try KeyedHash(of: database, random: random)
    throttle = Throttle(database: database, hash: hash)
    tickets = Tickets(database: database, hash: hash, random: random)
    log = AuditLog(database: database, clock: clock)
    passwordHash = PasswordHash(cost: policy.hashCost)
    recoveries = RecoveryCases(database: database)
    credentials = Credentials(database: database)
    backupCodes = BackupCodeSet(database: database, hash: passwordHash, random: random)
    decoy = try passwordHash.setting(random: random)
  }

  /// The system's time of day.
  public static func systemClock() -> Seconds { Seconds(Int64(time(nil))) }

  // MARK: Sessions

  /// The account of a session, also of one that may only enable MFA.
  public func account(_ session: Session) throws(Refusal) -> Account {
    guard let account = try findAccount(enrollingAccount(of: session)) else { throw .sessionEnded }
    return account
  }

  /// Ends a session.
  public func signOut(_ session: Session) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      let account = try enrollingAccount(of: session)
      try tickets.end(session.bearer)
      try log.record(.signedOut, actor: account, subject: account)
    }
  }

  /// Whose session it is; one that may only enable MFA is refused.
  func account(of session: Session) throws(Refusal) -> Account.ID {
    guard let (id, reach) = try tickets.find(session.bearer, at: clock()), reach != .code else {
      throw .sessionEnded
    }
    guard reach == .full else { throw .mustEnableFirst(try enforcers(of: id).map(\.name)) }
    return id
  }

  /// Whose session it is, also of one that may only enable MFA.
  func enrollingAccount(of session: Session) throws(Refusal) -> Account.ID {
    guard let (id, reach) = try tickets.find(session.bearer, at: clock()), reach != .code else {
      throw .sessionEnded
    }
    return id
  }

  func findAccount(_ id: Account.ID) throws(Refusal) -> Account? {
    try database.first("SELECT email, is_operator FROM account WHERE id = ?", id) {
      Account(id: id, email: $0.text(0), isOperator: $0.flag(1))
    }
  }

  func findAccount(email: String) throws(Refusal) -> Account.ID? {
    try database.first("SELECT id FROM account WHERE email = ?", EmailAddress.folded(email)) {
      Account.ID($0.integer(0))
    }
  }

  // MARK: Support operators

  /// Makes an account a support operator, who judges recovery cases, or one no longer. For whoever
  /// runs the console: there is no session that may do it.
  public func appointOperator(_ email: String, _ isOperator: Bool = true) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      guard let account = try findAccount(email: email) else { throw .noSuchAccount }
      try database.run("UPDATE account SET is_operator = ? WHERE id = ?", isOperator, account)
      try log.record(isOperator ? .operatorAppointed : .operatorDismissed, subject: account)
    }
  }

  func isOperator(_ account: Account.ID) throws(Refusal) -> Bool {
    try findAccount(account)?.isOperator ?? false
  }
}
