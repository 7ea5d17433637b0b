import CSQLite

/// A prepared statement of SQLite: values bound by position, rows read by column.
final class SQLiteStatement {
  private let handle: OpaquePointer
  private let database: OpaquePointer

  init(_ sql: String, in database: OpaquePointer) throws(Refusal) {
    var prepared: OpaquePointer?
    guard sqlite3_prepare_v2(database, sql, -1, &prepared, nil) == SQLITE_OK, let prepared else {
      throw Self.failure(of: database)
    }
    handle = prepared
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  /// Runs the statement to its end, or until `limit` rows were read; a limit of 0 reads none.
  func run(_ values: [StoredValue], limit: Int, _ read: (any Row) -> Void) throws(Refusal) {
    defer {
      sqlite3_reset(handle)
      sqlite3_clear_bindings(handle)
    }
    precondition(Int(sqlite3_bind_parameter_count(handle)) == values.count)
    for (index, value) in values.enumerated() {
      guard bind(value, at: Int32(index + 1)) == SQLITE_OK else {
        throw Self.failure(of: database)
      }
    }
    var count = 0
    while true {
      switch sqlite3_step(handle) {
      case SQLITE_ROW:
        if count < limit {
          read(SQLiteRow(handle: handle))
          count += 1
        }
        if count == limit && limit > 0 { return }
      case SQLITE_DONE: return
      default: throw Self.failure(of: database)
      }
    }
  }

  private func bind(_ value: StoredValue, at index: Int32) -> Int32 {
    // SQLITE_TRANSIENT: SQLite takes its own copy. The macro is a cast that Swift does not import.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    return switch value {
    case .null: sqlite3_bind_null(handle, index)
    case .integer(let number): sqlite3_bind_int64(handle, index, number)
    case .flag(let flag): sqlite3_bind_int64(handle, index, flag ? 1 : 0)
    case .text(let text): sqlite3_bind_text(handle, index, text, Int32(text.utf8.count), transient)
    case .bytes(let bytes):
      bytes.isEmpty
        ? sqlite3_bind_zeroblob(handle, index, 0)
        : sqlite3_bind_blob(handle, index, bytes, Int32(bytes.count), transient)
    }
  }

  /// The connection's last error. SQLite's messages name tables and columns, never bound values.
  static func failure(of database: OpaquePointer) -> Refusal {
    let code = sqlite3_extended_errcode(database)
    let reason = String(cString: sqlite3_errmsg(database))
    return switch code & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED: .storage(.busy)
    case SQLITE_FULL: .storage(.full)
    case SQLITE_READONLY: .storage(.readOnly)
    case SQLITE_IOERR, SQLITE_CANTOPEN: .storage(.unreachable(reason: reason))
    case SQLITE_CONSTRAINT
    where code == SQLITE_CONSTRAINT | 8 << 8 || code == SQLITE_CONSTRAINT | 6 << 8:
      // SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY
      .storage(.collided)
    case SQLITE_CORRUPT: .storage(.damaged(reason: reason))
    case SQLITE_NOTADB: .storage(.foreign(file: ""))
    default: .storage(.failed(code: "\(code)", reason: reason))
    }
  }
}

/// The row an SQLite statement stands on.
private struct SQLiteRow: Row {
  let handle: OpaquePointer

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
  func flag(_ column: Int32) -> Bool { integer(column) != 0 }
  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  func text(_ column: Int32) -> String {
    sqlite3_column_text(handle, column).map { String(cString: $0) } ?? ""
  }

  func bytes(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(handle, column) else { return [] }
    return [UInt8](
      UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }
}
