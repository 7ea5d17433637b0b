import Glibc
import OATH

/// The console's database, whatever kind it is: statements with values, and transactions.
///
/// A value belongs to one thread at a time; open another one for another thread or process.
final class Database {
  /// Milliseconds after which a question is given up, however often it was repeated.
  static let patience: Int64 = 10_000
  /// The same while an earlier layout is brought up to date.
  static let openingPatience: Int64 = 600_000
  /// Milliseconds that are left at least to find out what became of a change.
  private static let settlingPatience: Int64 = 3_000
  /// How often a transaction is repeated that found its name taken: it sees by whom then.
  private static let collisions = 3

  let connection: any Connection
  /// Within which all questions of a request have to be answered; nil: each has its own time.
  var limit: Deadline?
  /// Whether a change that has a line in the audit log was saved since this was last set to false.
  var hasChanged = false
  /// The statement, and its values, by which a change that left this mark is given up for good: a line
  /// in the audit log with the same mark. See `settle`.
  var abandonment: ((_ mark: [UInt8]) -> (sql: String, values: [any Storable]))?

  /// Whether the last question was given up because nobody answered.
  private(set) var isSilent = false
  /// Whether what others came between is repeated. Not for what may as well be left for later.
  var repeats = true

  private var isInTransaction = false
  /// What the last line of the audit log in this transaction is found by.
  private var mark: [UInt8]?

  /// - Parameter store: an address such as "postgresql:///console" for PostgreSQL; anything else is
  ///   the name of an SQLite file.
  convenience init(opening store: String) throws(Refusal) {
    if Self.isShared(store) {
      self.init(try PostgreSQLConnection(opening: store))
    } else {
      self.init(try SQLiteConnection(opening: store))
    }
  }

  init(_ connection: any Connection) { self.connection = connection }

  /// Whether the address is a PostgreSQL server's.
  static func isShared(_ store: String) -> Bool {
    PostgreSQLConnection.isAddress(store)
  }

  // MARK: Statements

  /// Runs a statement that gives no rows; returns how many rows it changed.
  @discardableResult
  func run(_ sql: String, _ values: any Storable...) throws(Refusal) -> Int {
    try execute(sql, values, limit: 0) { _ in }
  }

  /// The same with a list of values.
  @discardableResult
  func run(_ sql: String, all values: [any Storable]) throws(Refusal) -> Int {
    try execute(sql, values, limit: 0) { _ in }
  }

  /// All rows of a query.
  func rows<T>(
    _ sql: String, _ values: any Storable..., read: (any Row) -> T
  ) throws(Refusal) -> [T] {
    var found: [T] = []
    try execute(sql, values, limit: .max) { found.append(read($0)) }
    return found
  }

  /// The first row of a query, if there is one.
  func first<T>(
    _ sql: String, _ values: any Storable..., read: (any Row) -> T
  ) throws(Refusal) -> T? {
    var found: T?
    try execute(sql, values, limit: 1) { found = read($0) }
    return found
  }

  /// Whether a query finds anything.
  func exists(_ sql: String, _ values: any Storable...) throws(Refusal) -> Bool {
    var isThere = false
    try execute(sql, values, limit: 1) { _ in isThere = true }
    return isThere
  }

  /// Inserts a row and returns its number. The statement ends with "RETURNING id".
  func insert(_ sql: String, _ values: any Storable...) throws(Refusal) -> Int64 {
    var number: Int64 = 0
    // To its end, or the insertion would not be through.
    try execute(sql, values, limit: .max) { number = $0.integer(0) }
    return number
  }

  @discardableResult
  private func execute(
    _ sql: String, _ values: [any Storable], limit: Int, _ read: (any Row) -> Void
  ) throws(Refusal) -> Int {
    let stored = values.map(\.stored)
    if isInTransaction {
      return try connection.execute(sql, stored, limit: limit, read)
    }
    return try retrying { () throws(Refusal) in
      try connection.execute(sql, stored, limit: limit, read)
    }
  }

  // MARK: Transactions

  /// Runs `body` in a serialisable transaction: what it reads cannot change before it writes. A
  /// refusal rolls everything back. Where the database found that another transaction came between
  /// (which a serialisable one may always be told), `body` runs again from its start, so it does
  /// nothing but read and write this database.
  func immediately<T>(_ body: () throws(Refusal) -> T) throws(Refusal) -> T {
    try transaction(.serialisable, body)
  }

  /// The same for a `body` that decides by its own conditional writes alone; see
  /// `Isolation.conditional`. A login's are such: many run at once, and must not be told to try again
  /// because of each other.
  func conditionally<T>(_ body: () throws(Refusal) -> T) throws(Refusal) -> T {
    try transaction(.conditional, body)
  }

  private func transaction<T>(
    _ isolation: Isolation, _ body: () throws(Refusal) -> T
  ) throws(Refusal) -> T {
    precondition(!isInTransaction, "transactions do not nest")
    return try retrying { () throws(Refusal) in
      mark = nil
      defer { isInTransaction = false }
      let result: T
      do throws(Refusal) {
        try connection.begin(isolation)
        isInTransaction = true
        result = try body()
      } catch {
        connection.rollBack()
        throw error
      }
      try commit()
      return result
    }
  }

  /// Has the audit log's line with this mark tell whether the present transaction was saved.
  func leave(_ mark: [UInt8]) { if isInTransaction { self.mark = mark } }

  /// Saves the transaction. If the line is cut meanwhile, this finds out whether it was saved. One
  /// that left no mark may be run twice: it counts a try, or repeats what it did.
  private func commit() throws(Refusal) {
    do throws(Refusal) {
      try connection.commit()
    } catch .storage(.unreachable(let reason)) {
      connection.rollBack()
      guard let mark, try settle(mark) else { throw .storage(.unreachable(reason: reason)) }
    } catch {
      connection.rollBack()
      throw error
    }
    if mark != nil { hasChanged = true }
  }

  /// Finds out whether the change that left `mark` was saved, over a new connection. Where it was not,
  /// its place is taken by a line that says so, so that it cannot be saved any more, however long its
  /// last message is under way. What is found is committed once more: a standby has it then.
  private func settle(_ mark: [UInt8]) throws(Refusal) -> Bool {
    guard let abandonment = abandonment?(mark) else { throw .storage(.outcomeUnknown) }
    let patience = max(Int64(connection.deadline.remaining), Self.settlingPatience)
    connection.deadline = .after(milliseconds: patience)
    while true {
      do throws(Refusal) {
        try connection.begin(.conditional)
        // Waits for the other transaction, if it has not ended.
        let isFree =
          try connection.execute(
            abandonment.sql, abandonment.values.map(\.stored), limit: 0, { _ in }) == 1
        var wasSaved = false
        if !isFree {
          var event = ""
          _ = try connection.execute(
            "SELECT event FROM audit WHERE mark = ?", [.bytes(mark)], limit: 1
          ) { event = $0.text(0) }
          wasSaved = event != AuditEvent.changeGivenUp.rawValue
          _ = try connection.execute("UPDATE console SET only_row = only_row", [], limit: 0) { _ in
          }
        }
        try connection.commit()
        return wasSaved
      } catch {
        connection.rollBack()
        guard case .storage(let failure) = error, failure.mayPass, !connection.deadline.isOver
        else { throw .storage(.outcomeUnknown) }
        usleep(.random(in: 50_000...150_000))
      }
    }
  }

  /// Tries again, after a pause that grows and is not the same for two that got in each other's
  /// way, until the deadline: over a new connection where the line was cut, and as often as the
  /// connection says where others came between.
  private func retrying<T>(_ body: () throws(Refusal) -> T) throws(Refusal) -> T {
    let deadline = limit ?? .after(milliseconds: Self.patience)
    connection.deadline = deadline
    var (attempts, collisions) = (0, 0)
    while true {
      do throws(Refusal) {
        let result = try body()
        isSilent = false
        return result
      } catch {
        isSilent = error.isSilence
        guard case .storage(let failure) = error, failure.mayPass, connection.retries > 0, repeats,
          !deadline.isOver
        else { throw error }
        if failure == .collided { collisions += 1 }
        if !failure.endsLine && attempts == connection.retries || collisions > Self.collisions {
          throw error
        }
      }
      usleep(.random(in: 0...(1000 << useconds_t(min(attempts, 7)))))
      attempts += 1
      connection.deadline = deadline
    }
  }

  /// The time of day: the server's, where machines share one.
  var timeOfDay: Seconds { connection.timeOfDay }

  /// Refuses a damaged database, where it can be found out in a short time.
  func checkWhole() throws(Refusal) { try connection.checkWhole() }

  /// Overwrites what was deleted wherever the database keeps more copies of it, if it can.
  func emptyLog() { connection.emptyLog() }
}
