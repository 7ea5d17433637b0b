/// The number of an account, an Organization, a session or a recovery case; never used again for
/// another one of its kind.
public struct RowID<Kind>: Hashable, Sendable {
  public let rawValue: Int64
  init(_ rawValue: Int64) { self.rawValue = rawValue }

  /// From the digits of `rawValue`, as in the address of a page.
  public init?(parsing text: String) {
    guard let number = Int64(text) else { return nil }
    rawValue = number
  }
}

extension RowID: Storable { var stored: StoredValue { .integer(rawValue) } }
