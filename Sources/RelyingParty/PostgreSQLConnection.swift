import CLibPQ
import Glibc

/// One connection to a PostgreSQL server, or to whatever speaks its protocol and gives serialisable
/// transactions, through libpq. Several machines may use one database at once.
///
/// The tables are in the connection's current schema, with a table that says whose they are and of
/// which version. Nothing in the address may be secret: a password comes from libpq's password file.
/// A connection that the server closed between two transactions is made anew.
final class PostgreSQLConnection: Connection {
  /// What libpq takes for an address.
  static let schemes = ["postgresql://", "postgres://"]
  /// In the place of an address that is not to be repeated.
  private static let someAddress = "postgresql://…"

  let dialect = Dialect.postgresql
  /// Enough that 16 logins of one account at the same moment all come through.
  let retries = 40

  private static let settings = """
    SET application_name = 'watchfob';
    SET client_encoding = 'UTF8';
    SET client_min_messages = warning;
    SET bytea_output = 'hex';
    SET lock_timeout = '10s';
    SET synchronous_commit = on;
    """
  /// "WFob" in ASCII: what those who lay out the tables at the same moment wait for each other by.
  private static let advisoryLock: Int64 = 0x5746_6F62

  private let library: libpq_library
  private let handle: OpaquePointer
  private let address: String
  /// Names of the statements that the server has prepared.
  private var statements: [String: String] = [:]

  /// Connects, and brings the layout up to date.
  init(opening address: String) throws(Refusal) {
    var library = libpq_library()
    guard libpq_load(&library) else {
      throw .storage(
        .cannotOpen(file: address, reason: "libpq.so.5 is not installed on this machine"))
    }
    try Self.refusePassword(in: address, library)
    guard let handle = library.connectdb(address) else {
      throw .storage(.cannotOpen(file: address, reason: String(cString: strerror(ENOMEM))))
    }
    self.library = library
    self.handle = handle
    self.address = address
    libpq_drop_notices(&library, handle)
    try prepareSession()
    try migrate()
  }

  deinit { library.finish(handle) }

  private static func refusePassword(
    in address: String, _ library: libpq_library
  ) throws(Refusal) {
    var message: UnsafeMutablePointer<CChar>?
    guard let options = library.conninfoParse(address, &message) else {
      // The message may quote the address, and that a password.
      library.freemem(message)
      throw .storage(
        .cannotOpen(file: someAddress, reason: "the address is not one that libpq takes"))
    }
    defer { library.conninfoFree(options) }
    var option = options
    while let keyword = option.pointee.keyword {
      if strcmp(keyword, "password") == 0 && option.pointee.val != nil {
        throw .storage(
          .cannotOpen(
            file: someAddress,
            reason: "a password has no place in the address, write it into ~/.pgpass"))
      }
      option += 1
    }
  }

  // MARK: Connection

  func execute(
    _ sql: String, _ values: [StoredValue], limit: Int, _ read: (any Row) -> Void
  ) throws(Refusal) -> Int {
    if !isInTransaction { try reconnectIfClosed() }
    let name = try prepared(sql)
    let result = PostgreSQLValues(values).withPointers { texts, lengths, formats in
      library.execPrepared(handle, name, Int32(values.count), texts, lengths, formats, 0)
    }
    defer { library.clear(result) }
    try check(result)
    let count = min(Int(library.ntuples(result)), limit)
    for row in 0..<Int32(count) {
      read(PostgreSQLRow(library: library, result: result!, row: row))
    }
    return Int(String(cString: library.cmdTuples(result)!)) ?? 0
  }

  private var isInTransaction = false

  func begin(_ isolation: Isolation) throws(Refusal) {
    try reconnectIfClosed()
    switch isolation {
    case .serialisable: try script("BEGIN ISOLATION LEVEL SERIALIZABLE")
    case .conditional: try script("BEGIN ISOLATION LEVEL READ COMMITTED")
    }
    isInTransaction = true
  }

  func commit() throws(Refusal) {
    try script("COMMIT")
    isInTransaction = false
  }

  func rollBack() {
    isInTransaction = false
    library.clear(library.exec(handle, "ROLLBACK"))
  }

  /// The server keeps what was deleted until it vacuums, and in its own log; what is secret is
  /// sealed.
  func emptyLog() {}

  /// The server checks its own pages and says so when it reads a damaged one.
  func checkWhole() throws(Refusal) {}

  private func script(_ sql: String) throws(Refusal) {
    let result = library.exec(handle, sql)
    defer { library.clear(result) }
    try check(result)
  }

  private func prepared(_ sql: String) throws(Refusal) -> String {
    if let name = statements[sql] { return name }
    let name = "statement\(statements.count)"
    let result = library.prepare(handle, name, Self.numbered(sql), 0, nil)
    defer { library.clear(result) }
    try check(result)
    statements[sql] = name
    return name
  }

  /// `?` becomes `$1`, `$2` and so on, but not within quotes.
  static func numbered(_ sql: String) -> String {
    var text = ""
    var count = 0
    var isQuoted = false
    for character in sql {
      if character == "'" { isQuoted.toggle() }
      if character == "?" && !isQuoted {
        count += 1
        text += "$\(count)"
      } else {
        text.append(character)
      }
    }
    return text
  }

  // MARK: Failures

  private func check(_ result: OpaquePointer?) throws(Refusal) {
    let status = library.resultStatus(result)
    if status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK { return }
    // The primary message names tables and columns, never values.
    func field(_ code: Int32) -> String? {
      result.flatMap { library.resultErrorField($0, code) }.map { String(cString: $0) }
    }
    let state = field(libpq_field_sqlstate) ?? "no answer"
    let reason = field(libpq_field_message) ?? "the connection was lost"
    throw .storage(Self.failure(state, reason))
  }

  /// By SQLSTATE (PostgreSQL's manual, appendix A).
  static func failure(_ state: String, _ reason: String) -> StorageFailure {
    switch state {
    // serialization_failure, deadlock_detected, lock_not_available; and unique_violation, which
    // another transaction caused that was faster: this one looked before.
    case "40001", "40P01", "55P03", "23505": .busy
    // disk_full
    case "53100": .full
    // data_corrupted, index_corrupted
    case "XX001", "XX002": .damaged(reason: reason)
    default: .failed(code: state, reason: reason)
    }
  }

  // MARK: Opening

  private func prepareSession() throws(Refusal) {
    guard library.status(handle) == CONNECTION_OK else {
      let reason = String(cString: library.errorMessage(handle)!)
      let line = reason.split(separator: "\n").first.map(String.init) ?? "no answer"
      throw .storage(.cannotOpen(file: address, reason: line))
    }
    statements = [:]
    try script(Self.settings)
  }

  private func reconnectIfClosed() throws(Refusal) {
    // Looks, without waiting, whether the server has hung up: the first may find its farewell.
    if library.consumeInput(handle) == 1 && library.consumeInput(handle) == 1
      && library.status(handle) == CONNECTION_OK
    {
      return
    }
    library.reset(handle)
    try prepareSession()
  }

  private func migrate() throws(Refusal) {
    if try version() == Schema.versions.count { return }
    // Not a serialisable transaction: it is to see what another one did while it waited.
    try script("BEGIN ISOLATION LEVEL READ COMMITTED")
    do throws(Refusal) {
      try script("SELECT pg_advisory_xact_lock(\(Self.advisoryLock))")
      if let version = try version() {
        guard version <= Schema.versions.count else {
          throw .storage(.newer(file: address, version: version, known: Schema.versions.count))
        }
        try layOut(from: version)
      } else {
        try refuseForeign()
        try script("CREATE TABLE watchfob_layout (version BIGINT NOT NULL)")
        try script("INSERT INTO watchfob_layout (version) VALUES (0)")
        try layOut(from: 0)
      }
      try script("COMMIT")
    } catch {
      rollBack()
      throw error
    }
  }

  private func layOut(from version: Int) throws(Refusal) {
    for step in Schema.versions[version...] { try script(dialect.text(step)) }
    try script("UPDATE watchfob_layout SET version = \(Schema.versions.count)")
  }

  /// Of the layout; nil if there is none.
  private func version() throws(Refusal) -> Int? {
    guard
      try number(
        """
        SELECT count(*) FROM pg_catalog.pg_tables
        WHERE schemaname = current_schema() AND tablename = 'watchfob_layout'
        """) == 1
    else { return nil }
    return try number("SELECT version FROM watchfob_layout")
  }

  private func refuseForeign() throws(Refusal) {
    guard try number("SELECT count(current_schema())") == 1 else {
      throw .storage(.cannotOpen(file: address, reason: "it has no schema to create tables in"))
    }
    let tables = try number(
      "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema()")
    guard tables == 0 else { throw .storage(.foreign(file: address)) }
  }

  private func number(_ sql: String) throws(Refusal) -> Int {
    let result = library.exec(handle, sql)
    defer { library.clear(result) }
    try check(result)
    guard let result, library.ntuples(result) > 0 else { return 0 }
    return Int(PostgreSQLRow(library: library, result: result, row: 0).integer(0))
  }
}
