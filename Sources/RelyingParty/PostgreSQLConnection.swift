import CLibPQ
import Glibc
import OATH

/// One connection to a PostgreSQL server, or to whatever speaks its protocol and gives serialisable
/// transactions, through libpq. Several machines may use one database at once.
///
/// The tables are in the connection's current schema, with a table that says whose they are and of
/// which version. Nothing in the address may be secret: a password comes from libpq's password file.
/// A line that was cut or that the server closed is made anew.
final class PostgreSQLConnection: Connection {
  let dialect = Dialect.postgresql
  /// Enough that 16 logins of one account at the same moment all come through.
  let retries = 40
  var deadline = Deadline.after(milliseconds: Database.patience)

  /// Rows are looked up by index, also in small tables: a serialisable transaction that reads a whole table
  /// gets in the way of all that write to it.
  ///
  /// A statement ends by itself after ten seconds, and a transaction that nobody goes on with soon
  /// after, so that what an answer was no longer waited for does not hold others up.
  private static let settings = """
    SET client_min_messages = warning;
    SET bytea_output = 'hex';
    SET lock_timeout = '5s';
    SET statement_timeout = '10s';
    SET idle_in_transaction_session_timeout = '15s';
    SET synchronous_commit = on;
    SET enable_seqscan = off;
    """

  private let library: libpq_library
  private let address: PostgreSQLAddress
  private var line: PostgreSQLLine
  /// Names of the statements that the server has prepared.
  private var statements: [String: String] = [:]
  private var prepared = 0
  private var isInTransaction = false
  /// The server's time of day is so many milliseconds ahead of `Deadline.now()`.
  private var clockOffset: Int64 = 0

  /// Connects, and brings the layout up to date.
  init(opening text: String) throws(Refusal) {
    var library = libpq_library()
    guard libpq_load(&library) else {
      throw .storage(.cannotOpen(file: text, reason: "libpq.so.5 is not installed on this machine"))
    }
    address = try PostgreSQLAddress(text, library)
    self.library = library
    do throws(Refusal) {
      line = try PostgreSQLLine(to: address, library)
    } catch .storage(.unreachable(let reason)) {
      throw .storage(.cannotOpen(file: text, reason: reason))
    }
    try prepareSession()
    try PostgreSQLLayout(address: text, line: line).bringUpToDate()
    try readClock()
  }

  /// Whether a store is a PostgreSQL server's address.
  static func isAddress(_ store: String) -> Bool {
    PostgreSQLAddress.schemes.contains { store.hasPrefix($0) }
  }

  // MARK: Connection

  func execute(
    _ sql: String, _ values: [StoredValue], limit: Int, _ read: (any Row) -> Void
  ) throws(Refusal) -> Int {
    if !isInTransaction { try reconnectIfCut() }
    do throws(Refusal) {
      let result = try line.askPrepared(prepared(sql), values, by: deadline)
      for row in 0..<min(result.count, limit) { read(result.row(row)) }
      return result.changed
    } catch .storage(.failed(let code, let reason)) {
      throw .storage(explain(code, reason))
    }
  }

  func begin(_ isolation: Isolation) throws(Refusal) {
    try reconnectIfCut()
    let level =
      switch isolation {
      case .serialisable: "SERIALIZABLE"
      case .conditional: "READ COMMITTED"
      }
    // In one message: whether the tables are still those that we know, and what time it is.
    let result = try line.ask(
      "BEGIN ISOLATION LEVEL \(level); \(Self.versionAndTime)", by: deadline)
    isInTransaction = true
    try takeVersionAndTime(result)
  }

  /// A statement's time limit must not end a commit that waits for a standby: the server would then
  /// call it done. Neither may whoever cancels it by hand; that shows as a warning.
  func commit() throws(Refusal) {
    let result = try line.ask("SET LOCAL statement_timeout = 0; COMMIT", by: deadline)
    isInTransaction = false
    guard result.command == "COMMIT" else {
      throw .storage(.failed(code: "25P02", reason: "the transaction was rolled back"))
    }
    guard result.warnings == 0 else {
      throw .storage(.unreachable(reason: "the commit was not seen by a standby"))
    }
  }

  func rollBack() {
    defer { isInTransaction = false }
    guard isInTransaction, !line.isCut else { return }
    let brief = Deadline.after(milliseconds: max(Int64(deadline.remaining), 500))
    // If it cannot, the line is cut, and the server rolls back by itself.
    _ = try? line.ask("ROLLBACK", by: brief)
  }

  /// The server keeps what was deleted until it vacuums, and in its own log; what is secret is
  /// sealed.
  func emptyLog() {}

  /// The server checks its own pages and says so when it reads a damaged one.
  func checkWhole() throws(Refusal) {}

  var timeOfDay: Seconds { Seconds((Deadline.now() + clockOffset) / 1000) }
  let sharesClock = true

  private func prepared(_ sql: String) throws(Refusal) -> String {
    if let name = statements[sql] { return name }
    prepared += 1
    let name = "statement\(prepared)"
    try line.prepare(Self.numbered(sql), as: name, by: deadline)
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

  // MARK: The line

  private func reconnectIfCut() throws(Refusal) {
    guard line.hasHungUp else { return }
    guard !deadline.isOver else { throw .storage(.unreachable(reason: "no answer in time")) }
    line = try PostgreSQLLine(to: address, library)
    try prepareSession()
    try readClock()
  }

  private func prepareSession() throws(Refusal) {
    statements = [:]
    isInTransaction = false
    let encoding = line.parameter("server_encoding")
    guard encoding == "UTF8" else {
      throw .storage(.wrongEncoding(address: address.text, encoding: encoding))
    }
    _ = try line.ask(Self.settings, by: deadline)
  }

  // MARK: Layout and time

  private static let versionAndTime = """
    SELECT version, floor(1000 * extract(epoch FROM clock_timestamp()))::bigint
    FROM watchfob_layout
    """

  private func readClock() throws(Refusal) {
    try takeVersionAndTime(line.ask(Self.versionAndTime, by: deadline))
  }

  private func takeVersionAndTime(_ result: PostgreSQLResult) throws(Refusal) {
    let known = Schema.versions.count
    guard result.count == 1 else { throw .storage(.foreign(file: address.text)) }
    let version = Int(result.row(0).integer(0))
    guard version == known else {
      throw .storage(.layoutChanged(version: version, known: known))
    }
    clockOffset = result.row(0).integer(1) - Deadline.now()
  }

  /// A statement that fails because a table or column is not there (any more): the layout was changed.
  private func explain(_ code: String, _ reason: String) -> StorageFailure {
    // undefined_table, undefined_column, and a prepared statement whose rows look otherwise now
    guard ["42P01", "42703", "0A000"].contains(code), !isInTransaction else {
      return .failed(code: code, reason: reason)
    }
    do throws(Refusal) {
      try readClock()
      statements = [:]
    } catch .storage(let failure) {
      return failure
    } catch {}
    return .failed(code: code, reason: reason)
  }

  // MARK: Failures

  /// By SQLSTATE (PostgreSQL's manual, appendix A).
  static func failure(_ state: String, _ reason: String) -> StorageFailure {
    switch state {
    // serialization_failure, deadlock_detected, lock_not_available
    case "40001", "40P01", "55P03": .busy
    // unique_violation, which another transaction caused that was faster: this one looked before
    case "23505": .collided
    // disk_full
    case "53100": .full
    // data_corrupted, index_corrupted
    case "XX001", "XX002": .damaged(reason: reason)
    // read_only_sql_transaction
    case "25006": .readOnly
    // query_canceled, which the time limit does; too_many_connections, out_of_memory; the end of
    // an idle transaction or session
    case "57014", "53300", "53200", "25P03", "57P05": .unreachable(reason: reason)
    default:
      // connection_exception; admin_shutdown, crash_shutdown, cannot_connect_now
      state.hasPrefix("08") || state.hasPrefix("57P")
        ? .unreachable(reason: reason) : .failed(code: state, reason: reason)
    }
  }
}
