import CSQLite
import Glibc
import OATH

/// One connection to the console's SQLite file.
///
/// The file is created 0600 and refused if others can get at it, if it is not ours (SQLite's
/// `application_id`), or if a later version wrote it (`user_version`). It runs in WAL mode with
/// `synchronous = FULL`, because a code that was accepted, or a try that was spent, must not come
/// back after a power cut; and with `secure_delete`, so that what is deleted is overwritten.
final class SQLiteConnection: Connection {
  /// "WFob" in ASCII, in the file's header at offset 68.
  static let applicationID: Int64 = 0x5746_6F62
  /// How long a statement waits for another process's transaction, in milliseconds.
  static let defaultPatience: Int32 = 10_000

  let dialect = Dialect.sqlite
  /// SQLite waits for its turn by itself, `patience` long.
  let retries = 0

  var deadline = Deadline.after(milliseconds: Database.patience) {
    didSet { sqlite3_busy_timeout(handle, min(patience, deadline.remaining)) }
  }

  var timeOfDay: Seconds { RelyingParty.systemClock() }
  let sharesClock = false

  private let handle: OpaquePointer
  private let patience: Int32
  private var statements: [String: SQLiteStatement] = [:]

  /// Opens `file`, creating it if there is none, and brings its layout up to date.
  convenience init(opening file: String, patience: Int32 = defaultPatience) throws(Refusal) {
    let named = DatabaseFile(file)
    try named.claim()
    try self.init(named, patience: patience)
    try recognise(file)
    try useWriteAheadLog()
    for setting in [
      "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON", "trusted_schema = OFF",
      "temp_store = MEMORY",
    ] {
      try script("PRAGMA \(setting)")
    }
    try migrate()
  }

  /// Opens a file that is there, to copy it as it is.
  convenience init(copying file: String) throws(Refusal) {
    try self.init(DatabaseFile(file), patience: Self.defaultPatience)
    try recognise(file)
  }

  /// Opens a file that is there and empty, to fill it with a copy.
  convenience init(empty file: String) throws(Refusal) {
    try self.init(DatabaseFile(file), patience: Self.defaultPatience)
  }

  private init(_ file: DatabaseFile, patience: Int32) throws(Refusal) {
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX
    let status = sqlite3_open_v2(file.path, &opened, flags, nil)
    guard status == SQLITE_OK, let opened else {
      sqlite3_close_v2(opened)
      throw .storage(.cannotOpen(file: file.name, reason: String(cString: sqlite3_errstr(status))))
    }
    handle = opened
    self.patience = patience
    sqlite3_busy_timeout(handle, patience)
  }

  deinit {
    statements = [:]
    sqlite3_close_v2(handle)
  }

  // MARK: Connection

  func execute(
    _ sql: String, _ values: [StoredValue], limit: Int, _ read: (any Row) -> Void
  ) throws(Refusal) -> Int {
    let statement: SQLiteStatement
    if let prepared = statements[sql] {
      statement = prepared
    } else {
      statement = try SQLiteStatement(sql, in: handle)
      statements[sql] = statement
    }
    try statement.run(values, limit: limit, read)
    return Int(sqlite3_changes(handle))
  }

  /// Holds the write lock from its start, so that the transaction never has to be tried again.
  func begin(_ isolation: Isolation) throws(Refusal) {
    try script("BEGIN IMMEDIATE")
    let version = Int(try number("PRAGMA user_version"))
    guard version == Schema.versions.count else {
      throw .storage(.layoutChanged(version: version, known: Schema.versions.count))
    }
  }
  func commit() throws(Refusal) { try script("COMMIT") }

  func rollBack() {
    // A failed rollback leaves nothing to undo: SQLite already did it, or the commit holds.
    sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
  }

  /// Moves the write-ahead log into the file and empties it, so that nothing overwritten lingers
  /// there. If another connection reads for longer than `patience`, a later call or the last close
  /// of the file does it.
  func emptyLog() {
    sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
  }

  func checkWhole() throws(Refusal) { try checkWhole(thoroughly: false) }

  private func script(_ sql: String) throws(Refusal) {
    let status = sqlite3_exec(handle, sql, nil, nil, nil)
    guard status == SQLITE_OK else { throw SQLiteStatement.failure(of: handle) }
  }

  // MARK: Opening

  /// Refuses a file that is not ours before anything in it is touched.
  private func recognise(_ file: String) throws(Refusal) {
    let (id, version, tables): (Int64, Int64, Int64)
    do {
      // One transaction: another process may lay the file out between two of these.
      try script("BEGIN")
      defer { rollBack() }
      id = try number("PRAGMA application_id")
      version = try number("PRAGMA user_version")
      tables = try number("SELECT count(*) FROM sqlite_schema")
    } catch .storage(.foreign) {
      throw .storage(.foreign(file: file))
    }
    if id == 0 && version == 0 && tables == 0 { return }
    guard id == Self.applicationID else { throw .storage(.foreign(file: file)) }
    guard version <= Schema.versions.count else {
      throw .storage(.newer(file: file, version: Int(version), known: Schema.versions.count))
    }
  }

  /// The switch to WAL wants the file for a moment alone and does not wait by itself.
  private func useWriteAheadLog() throws(Refusal) {
    let pause: useconds_t = 10_000
    for _ in 0...(useconds_t(patience) * 1000 / pause) {
      do {
        return try script("PRAGMA journal_mode = WAL")
      } catch .storage(.busy) {
        usleep(pause)
      }
    }
    throw .storage(.busy)
  }

  private func migrate() throws(Refusal) {
    guard try number("PRAGMA user_version") < Schema.versions.count else { return }
    try script("BEGIN IMMEDIATE")
    do {
      // Another process may have done it while this one waited.
      let version = Int(try number("PRAGMA user_version"))
      if version < Schema.versions.count {
        for step in Schema.versions[version...] { try script(dialect.text(step)) }
        try script("PRAGMA application_id = \(Self.applicationID)")
        try script("PRAGMA user_version = \(Schema.versions.count)")
      }
      try commit()
    } catch {
      rollBack()
      throw error
    }
  }

  // MARK: Copies

  /// Replaces everything in this file by what is in another, in one transaction.
  func fill(from source: SQLiteConnection) throws(Refusal) {
    guard let copy = sqlite3_backup_init(handle, "main", source.handle, "main") else {
      throw SQLiteStatement.failure(of: handle)
    }
    var status = sqlite3_backup_step(copy, -1)
    var waited: Int32 = 0
    while status == SQLITE_BUSY || status == SQLITE_LOCKED, waited < patience {
      usleep(10_000)
      waited += 10
      status = sqlite3_backup_step(copy, -1)
    }
    let ended = sqlite3_backup_finish(copy)
    switch (status, ended) {
    case (SQLITE_DONE, SQLITE_OK): return
    case (SQLITE_BUSY, _), (SQLITE_LOCKED, _): throw .storage(.busy)
    default: throw SQLiteStatement.failure(of: handle)
    }
  }

  /// Looks through the file for damage: at its structure, or also at each index.
  func checkWhole(thoroughly: Bool) throws(Refusal) {
    var found = ""
    let check = thoroughly ? "integrity_check" : "quick_check"
    _ = try execute("PRAGMA \(check)(1)", [], limit: 1) { found = $0.text(0) }
    guard found == "ok" else { throw .storage(.damaged(reason: found)) }
  }

  /// Whether a console wrote it; an empty file is nobody's yet.
  func isConsole() throws(Refusal) -> Bool {
    try number("PRAGMA application_id") == Self.applicationID
  }

  /// Ends the use of a write-ahead log, so that the file alone is the whole database.
  func leaveLog() throws(Refusal) { try script("PRAGMA journal_mode = DELETE") }

  /// Keeps all others out until this connection is closed; refused if there are any. Only one that is
  /// alone may end the use of the log.
  func claimAlone(named file: String) throws(Refusal) {
    sqlite3_busy_timeout(handle, 0)
    do {
      try script("PRAGMA locking_mode = EXCLUSIVE")
      try leaveLog()
      try script("BEGIN EXCLUSIVE")
      try commit()
    } catch .storage(.busy) {
      throw .storage(.inUse(file: file))
    }
  }

  private func number(_ sql: String) throws(Refusal) -> Int64 {
    var number: Int64 = 0
    _ = try execute(sql, [], limit: 1) { number = $0.integer(0) }
    return number
  }
}
