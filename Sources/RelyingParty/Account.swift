import OATH

/// A person's account at the console.
public struct Account: Equatable, Sendable {
  public typealias ID = RowID<Account>

  public let id: ID
  /// In lower case.
  public let email: String
  /// Whether this person judges recovery cases of all accounts.
  public let isOperator: Bool
  public let created: Seconds
}

/// An e-mail address as an account is known by: in lower case, without spaces around it.
///
/// The check is for slips of the hand only (one "@" with something on both sides, no spaces, at
/// most 254 bytes, RFC 5321's longest); whether anybody reads mail there is not this module's.
struct EmailAddress {
  private static let mostBytes = 254

  let text: String

  init?(_ typed: String) {
    let text = Self.folded(typed)
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), text.utf8.count <= Self.mostBytes,
      text.unicodeScalars.allSatisfy({
        !$0.properties.isWhitespace && $0.properties.generalCategory != .control
      })
    else { return nil }
    self.text = text
  }

  /// What was typed, brought to the form that accounts are looked up by.
  static func folded(_ typed: String) -> String {
    var text = Substring(typed)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text.lowercased()
  }
}
