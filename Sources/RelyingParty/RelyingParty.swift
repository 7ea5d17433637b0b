import Glibc
import OATH

/// The console: it issues secrets, verifies codes and keeps the account rules, in one database.
///
/// One value is one connection and belongs to one thread at a time; open the same database again
/// for another thread, process or machine, they agree through the database. What a person may do is asked for
/// with a `Session`, which only a login gives. Time comes from the database's clock, which machines
/// share, or from `clock` alone, and randomness from `random`, so that a test can repeat a run and a demo can move on by a week.
///
/// The flows are in the files named for them: `SignUp`, `Login`, `Enrolment`, `Activation`,
/// `Disable`, `Organization`, `RecoveryDesk`.
public final class RelyingParty {
  public let policy: Policy

  let database: Database
  let clock: () -> Seconds
  /// Opens another connection with the same rules and the keys that were read at the start: a key file
  /// that is gone meanwhile, or is another one, changes nothing.
  public let another: @Sendable () throws(Refusal) -> RelyingParty
  let random: RandomSource
  let passwordHash: PasswordHash
  /// A setting that an unknown account's password is hashed under.
  let decoy: String
  let keys: SealingKeys
  let keyedHash: KeyedHash
  let throttle: Throttle
  let tickets: Tickets
  let log: AuditLog
  let credentials: Credentials
  let backupCodes: BackupCodeSet
  let accountSeals: AccountSeals
  let recoveries: RecoveryCases
  let documents: Documents
  /// When to look again for what has ended by itself.
  private var nextPurge = Seconds(.min)

  /// Opens the console's database, laying it out if it is empty.
  /// - Parameter store: the name of an SQLite file, which is created (mode 0600) if there is none; or
  ///   the address of a PostgreSQL database, such as "postgresql:///console", without a password.
  /// - Parameter keyFile: has the keys that secrets are sealed under (see `SealingKeys`), and is made
  ///   (mode 0600) with a fresh one if there is none and the database is new. Without a name it
  ///   is beside the SQLite file, with ".key" after its name.
  /// - Precondition: the numbers of `policy` are in the ranges it states.
  public convenience init(
    opening store: String, keyFile: String? = nil, policy: Policy = Policy(),
    clock: (() -> Seconds)? = nil,
    random: RandomSource = .system
  ) throws(Refusal) {
    policy.validate()
    if keyFile == nil && Database.isShared(store) { throw .sealing(.fileNeeded) }
    let keyFile = keyFile ?? store + ".key"
    try Self.refuseOneFile(keyFile, store)
    let database = try Database(opening: store)
    // Whatever an earlier layout has to be given may take its time.
    database.limit = .after(milliseconds: Database.openingPatience)
    defer { database.limit = nil }
    try database.checkWhole()
    if clock == nil { try Self.checkClock(against: database) }
    try Self.foldNames(in: database)
    let isNew = try !database.exists("SELECT 1 FROM console")
    let keys = try SealingKeys.read(keyFile, mayCreate: isNew, random: random)
    try self.init(database, store, keys, policy, clock, random)
  }

  /// Over a connection that is there, with the keys of another one.
  convenience init(
    over database: Database, like other: RelyingParty, clock: @escaping () -> Seconds
  ) throws(Refusal) {
    try self.init(database, "", other.keys, other.policy, clock, other.random)
  }

  private init(
    _ database: Database, _ store: String, _ keys: SealingKeys, _ policy: Policy,
    _ givenClock: (() -> Seconds)?, _ random: RandomSource
  ) throws(Refusal) {
    // A connection outlives every question about the time.
    let clock = givenClock ?? { [unowned database] in database.timeOfDay }
    self.database = database
    self.keys = keys
    self.policy = policy
    self.clock = clock
    self.random = random
    // Whoever hands in a clock or a source of randomness that is not for any thread stays on one.
    nonisolated(unsafe) let (givenClock, random) = (givenClock, random)
    another = { () throws(Refusal) in
      try RelyingParty(Database(opening: store), store, keys, policy, givenClock, random)
    }
    keyedHash = try KeyedHash(of: database, keys: keys, random: random)
    throttle = Throttle(database: database, hash: keyedHash)
    tickets = Tickets(
      database: database, hash: keyedHash, random: random, idleLifetime: policy.idleLifetime)
    log = AuditLog(database: database, hash: keyedHash, clock: clock)
    database.abandonment = AuditLog.abandonment(keyedHash, clock)
    passwordHash = PasswordHash(cost: policy.hashCost)
    recoveries = RecoveryCases(
      database: database, keys: keys, hash: keyedHash, random: random)
    documents = Documents(database: database, keys: keys, random: random)
    accountSeals = AccountSeals(database: database, hash: keyedHash)
    credentials = Credentials(
      database: database, keys: keys, seals: accountSeals, random: random)
    backupCodes = BackupCodeSet(
      database: database, hash: passwordHash, keyedHash: keyedHash, random: random)
    decoy = try passwordHash.setting(random: random)
  }

  /// The database cannot be the key file too: reading it would open a second descriptor of it.
  private static func refuseOneFile(_ keyFile: String, _ store: String) throws(Refusal) {
    guard !Database.isShared(store), let key = DatabaseFile.identity(keyFile) else { return }
    for end in ["", "-wal", "-shm", "-journal"]
    where DatabaseFile.identity(DatabaseFile(store).path + end) == key {
      throw .sealing(.foreign(file: keyFile))
    }
  }

  /// Seconds that this machine's clock may be off the one that machines share.
  private static let farthestClock: Int64 = 60

  /// Nothing here goes by this machine's clock then, but whoever reads its log, or a certificate, does.
  private static func checkClock(against database: Database) throws(Refusal) {
    let ahead = database.timeOfDay.rawValue - systemClock().rawValue
    guard database.connection.sharesClock, abs(ahead) > farthestClock else { return }
    throw .storage(.clocksApart(seconds: ahead))
  }

  /// Gives Organizations that an earlier layout had their folded names. If two fold to the same, the
  /// later one keeps its name, and a number tells them apart.
  private static func foldNames(in database: Database) throws(Refusal) {
    let unfolded = try database.rows(
      "SELECT id, name FROM organization WHERE folded IS NULL ORDER BY id"
    ) { ($0.integer(0), $0.text(1)) }
    for (id, name) in unfolded {
      try database.immediately { () throws(Refusal) in
        let folded = name.lowercased()
        let isTaken = try database.exists("SELECT 1 FROM organization WHERE folded = ?", folded)
        try database.run(
          "UPDATE organization SET folded = ? WHERE id = ?", isTaken ? "\(folded) \(id)" : folded,
          id)
      }
    }
  }

  /// Runs `body` with so many milliseconds for all that it asks the database; refused as
  /// `unreachable` or `busy` after that.
  public func within<T>(milliseconds: Int64, _ body: (RelyingParty) throws -> T) rethrows -> T {
    database.limit = .after(milliseconds: milliseconds)
    database.hasChanged = false
    defer { database.limit = nil }
    return try body(self)
  }

  /// Whether the database did not answer the last question.
  public var isSilent: Bool { database.isSilent }

  /// Whether something was changed since `within` began.
  public var hasChanged: Bool { database.hasChanged }

  /// The system's time of day.
  public static func systemClock() -> Seconds { Seconds(Int64(time(nil))) }

  // MARK: Sessions

  /// The account of a session, also of one that can only enable MFA for now.
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

  /// Whose session it is; refused while an Organization requires MFA and it is off. Judged at each
  /// use: from the date on, every session without MFA is confined at once.
  func account(of session: Session) throws(Refusal) -> Account.ID {
    let account = try enrollingAccount(of: session)
    let confiners = try confiners(of: account)
    guard confiners.isEmpty else { throw .mustEnableFirst(confiners.map(\.name)) }
    return account
  }

  /// Whose session it is, also of one that can only enable MFA for now.
  func enrollingAccount(of session: Session) throws(Refusal) -> Account.ID {
    try ticket(of: session).account
  }

  func ticket(of session: Session) throws(Refusal) -> IssuedTicket {
    guard let ticket = try tickets.find(session.bearer, at: clock()), ticket.reach != .code else {
      throw .sessionEnded
    }
    return ticket
  }

  /// Drops what has ended by itself, once a minute. Apart from the logins' transactions, so that
  /// they do not get in each other's way over it.
  func purge() throws(Refusal) {
    let now = clock()
    guard now >= nextPurge else { return }
    nextPurge = now.later(by: 60)
    try tickets.purge(at: now)
    try throttle.purge(at: now)
    // If others write too much at the moment, the next one covers what this one would have.
    try? log.link()
  }

  func findAccount(_ id: Account.ID) throws(Refusal) -> Account? {
    try database.first("SELECT email, is_operator, created_at FROM account WHERE id = ?", id) {
      Account(id: id, email: $0.text(0), isOperator: $0.flag(1), created: $0.seconds(2))
    }
  }

  func findAccount(email: String) throws(Refusal) -> Account.ID? {
    try database.first("SELECT id FROM account WHERE email = ?", EmailAddress.folded(email)) {
      Account.ID($0.integer(0))
    }
  }

  /// How many accounts there are.
  public func countAccounts() throws(Refusal) -> Int {
    try database.first("SELECT count(*) FROM account") { Int($0.integer(0)) } ?? 0
  }

  // MARK: Sealing

  /// Adds a fresh key to a key file. What is sealed from then on is sealed under it, by whoever
  /// opens the database with the file from now on; `sealAnew` does the same with what is there.
  public static func addSealingKey(
    to file: String, random: RandomSource = .system
  ) throws(Refusal) {
    let keys = try SealingKeys.read(file, mayCreate: false, random: random)
    try keys.adding(random: random).write(to: file, replacing: true, random: random)
  }

  /// Seals everything that is not sealed, or under an older key, under the file's newest one. It may
  /// be stopped and begun again; logins go on meanwhile.
  public func sealAnew() throws(Refusal) {
    try keyedHash.sealAnew(in: database, keys: keys, random: random)
    var last: Int64? = 0
    while let id = last {
      last = try database.immediately { () throws(Refusal) in try credentials.sealAnew(after: id) }
    }
    try documents.sealAnew()
    try recoveries.sealAnew()
    database.emptyLog()
  }

  /// Removes all keys but the newest from a key file, if nothing in the database is sealed under
  /// them. Returns how many.
  public func dropOldKeys(
    from file: String, random: RandomSource = .system
  ) throws(Refusal) -> Int {
    let stored = try SealingKeys.read(file, mayCreate: false, random: random)
    for (table, column) in Self.sealedColumns {
      let numbers = try database.rows("SELECT \(column) FROM \(table)") {
        SealingKeys.number(of: $0.bytes(0))
      }
      guard numbers.allSatisfy({ $0 == stored.current }) else {
        throw .sealing(.olderInUse(file: file))
      }
    }
    try stored.newestOnly.write(to: file, replacing: true, random: random)
    return stored.count - 1
  }

  /// Where something sealed is kept.
  private static let sealedColumns = [
    ("credential", "secret"), ("recovery_document", "sealed"), ("recovery_item", "sealed"),
    ("console", "hash_key"),
  ]
}
