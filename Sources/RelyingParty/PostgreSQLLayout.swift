/// The tables in a PostgreSQL schema: whose they are, of which version, and how they become today's.
struct PostgreSQLLayout {
  /// "WFob" in ASCII: what those who lay out the tables at the same moment wait for each other by.
  private static let advisoryLock: Int64 = 0x5746_6F62

  let address: String
  /// Adding an index to a large table takes long.
  private let deadline = Deadline.after(milliseconds: Database.openingPatience)
  let line: PostgreSQLLine

  init(address: String, line: PostgreSQLLine) {
    self.address = address
    self.line = line
  }

  /// Lays an empty schema out, or adds what later versions have; refuses another program's tables.
  func bringUpToDate() throws(Refusal) {
    if try version() == Schema.versions.count { return }
    // Not a serialisable transaction: it is to see what another one did while it waited.
    try run("BEGIN ISOLATION LEVEL READ COMMITTED")
    do throws(Refusal) {
      try run("SET LOCAL statement_timeout = 0")
      try run("SET LOCAL lock_timeout = 0")
      try run("SELECT pg_advisory_xact_lock(\(Self.advisoryLock))")
      if let version = try version() {
        guard version <= Schema.versions.count else {
          throw .storage(.newer(file: address, version: version, known: Schema.versions.count))
        }
        try layOut(from: version)
      } else {
        try refuseForeign()
        try run("CREATE TABLE watchfob_layout (version BIGINT NOT NULL)")
        try run("INSERT INTO watchfob_layout (version) VALUES (0)")
        try layOut(from: 0)
      }
      try run("COMMIT")
    } catch {
      // If it cannot, the line is cut, and the server rolls back by itself.
      try? run("ROLLBACK")
      throw error
    }
  }

  private func layOut(from version: Int) throws(Refusal) {
    for step in Schema.versions[version...] { try run(Dialect.postgresql.text(step)) }
    try run("UPDATE watchfob_layout SET version = \(Schema.versions.count)")
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

  private func run(_ sql: String) throws(Refusal) { _ = try line.ask(sql, by: deadline) }

  private func number(_ sql: String) throws(Refusal) -> Int {
    let result = try line.ask(sql, by: deadline)
    return result.count > 0 ? Int(result.row(0).integer(0)) : 0
  }
}
