import OATH

/// What a column can hold.
enum StoredValue {
  case null
  case integer(Int64)
  case flag(Bool)
  case text(String)
  case bytes([UInt8])
}

/// A Swift value that has one form in the database.
protocol Storable {
  var stored: StoredValue { get }
}

extension Int64: Storable { var stored: StoredValue { .integer(self) } }
extension Int: Storable { var stored: StoredValue { .integer(Int64(self)) } }
extension Bool: Storable { var stored: StoredValue { .flag(self) } }
extension String: Storable { var stored: StoredValue { .text(self) } }
extension Seconds: Storable { var stored: StoredValue { .integer(rawValue) } }
extension [UInt8]: Storable { var stored: StoredValue { .bytes(self) } }
extension Optional: Storable where Wrapped: Storable {
  var stored: StoredValue { self?.stored ?? .null }
}

/// The row a statement stands on, read by column, from 0; valid inside the closure it is handed to.
protocol Row {
  /// NULL reads as 0.
  func integer(_ column: Int32) -> Int64
  /// NULL reads as false.
  func flag(_ column: Int32) -> Bool
  func isNull(_ column: Int32) -> Bool
  /// NULL reads as an empty text.
  func text(_ column: Int32) -> String
  /// NULL reads as no bytes.
  func bytes(_ column: Int32) -> [UInt8]
}

extension Row {
  func seconds(_ column: Int32) -> Seconds { Seconds(integer(column)) }
  func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }
}
