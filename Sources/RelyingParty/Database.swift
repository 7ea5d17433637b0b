import Glibc

/// The console's database, whatever kind it is: statements with values, and transactions.
///
/// A value belongs to one thread at a time; open another one for another thread or process.
final class Database {
  let connection: any Connection
  private var isInTransaction = false

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
    PostgreSQLConnection.schemes.contains { store.hasPrefix($0) }
  }

  // MARK: Statements

  /// Runs a statement that gives no rows; returns how many rows it changed.
  @discardableResult
  func run(_ sql: String, _ values: any Storable...) throws(Refusal) -> Int {
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
      try connection.begin(isolation)
      isInTransaction = true
      defer { isInTransaction = false }
      do throws(Refusal) {
        let result = try body()
        try connection.commit()
        return result
      } catch {
        connection.rollBack()
        throw error
      }
    }
  }

  /// Tries again, after a pause that grows and is not the same for two that got in each other's
  /// way, as often as the connection says.
  private func retrying<T>(_ body: () throws(Refusal) -> T) throws(Refusal) -> T {
    for attempt in 0..<connection.retries {
      do { return try body() } catch .storage(.busy) {
        usleep(.random(in: 0...(1000 << useconds_t(min(attempt, 6)))))
      }
    }
    return try body()
  }

  /// Refuses a damaged database, where it can be found out in a short time.
  func checkWhole() throws(Refusal) { try connection.checkWhole() }

  /// Overwrites what was deleted wherever the database keeps more copies of it, if it can.
  func emptyLog() { connection.emptyLog() }
}
