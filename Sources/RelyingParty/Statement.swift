import CSQLite
import OATH

/// A prepared statement: values bound by position, rows read by column.
final class Statement {
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

  /// Runs the statement to its end, or until `limit` rows were read.
  func rows<T>(
    _ values: [any Storable], limit: Int, read: (Row) -> T
  ) throws(Refusal) -> [T] {
    defer {
      sqlite3_reset(handle)
      sqlite3_clear_bindings(handle)
    }
    precondition(Int(sqlite3_bind_parameter_count(handle)) == values.count)
    for (index, value) in values.enumerated() {
      guard bind(value.stored, at: Int32(index + 1)) == SQLITE_OK else {
        throw Self.failure(of: database)
      }
    }
    var result: [T] = []
    while true {
      switch sqlite3_step(handle) {
      case SQLITE_ROW:
        if result.count < limit { result.append(read(Row(handle: handle))) }
        if result.count == limit && limit > 0 { return result }
      case SQLITE_DONE: return result
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
    case .text(let text): sqlite3_bind_text(handle, index, text, Int32(text.utf8.count), transient)
    case .bytes(let bytes):
      sqlite3_bind_blob(handle, index, bytes, Int32(bytes.count), transient)
    }
  }

  /// The connection's last error. SQLite's messages name tables and columns, never bound values.
  static func failure(of database: OpaquePointer) -> Refusal {
    let code = sqlite3_extended_errcode(database)
    let reason = String(cString: sqlite3_errmsg(database))
    return switch code & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED: .storage(.busy)
    case SQLITE_FULL: .storage(.full)
    case SQLITE_CORRUPT: .storage(.damaged(reason: reason))
    case SQLITE_NOTADB: .storage(.foreign(file: ""))
    default: .storage(.failed(code: code, reason: reason))
    }
  }
}

/// The row a statement stands on; valid inside the closure it is handed to.
struct Row {
  fileprivate let handle: OpaquePointer

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
  func flag(_ column: Int32) -> Bool { integer(column) != 0 }
  func seconds(_ column: Int32) -> Seconds { Seconds(integer(column)) }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  /// NULL reads as an empty text.
  func text(_ column: Int32) -> String {
    sqlite3_column_text(handle, column).map { String(cString: $0) } ?? ""
  }

  /// NULL reads as no bytes.
  func bytes(_ column: Int32) -> [UInt8] { [UInt8](raw(column)) }

  /// The same, in memory that is wiped.
  func secret(_ column: Int32) -> SecretBytes { SecretBytes(raw(column)) }

  private func raw(_ column: Int32) -> UnsafeRawBufferPointer {
    let start = sqlite3_column_blob(handle, column)
    return UnsafeRawBufferPointer(
      start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, column)))
  }
}

/// What a column can hold.
enum StoredValue {
  case null
  case integer(Int64)
  case text(String)
  case bytes([UInt8])
}

/// A Swift value that has one form in the database.
protocol Storable {
  var stored: StoredValue { get }
}

extension Int64: Storable { var stored: StoredValue { .integer(self) } }
extension Int: Storable { var stored: StoredValue { .integer(Int64(self)) } }
extension Bool: Storable { var stored: StoredValue { .integer(self ? 1 : 0) } }
extension String: Storable { var stored: StoredValue { .text(self) } }
extension Seconds: Storable { var stored: StoredValue { .integer(rawValue) } }
extension [UInt8]: Storable { var stored: StoredValue { .bytes(self) } }
extension Optional: Storable where Wrapped: Storable {
  var stored: StoredValue { self?.stored ?? .null }
}
