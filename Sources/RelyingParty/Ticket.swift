import OATH

/// Lets its bearer answer the prompt for the code, for a few minutes after the right password.
/// Good for one login.
public struct LoginTicket: Equatable, Sendable {
  let bearer: BearerBytes
  public let expires: Seconds
  /// Digits of the code that is asked for.
  public let digits: Int
}

/// Lets its bearer act for an account until `expires` or until it is ended. One that an
/// Organization led to Enable MFA (see `PasswordStep.enableNeeded`) can do nothing else before.
public struct Session: Equatable, Sendable {
  let bearer: BearerBytes
  public let expires: Seconds
}

extension LoginTicket: CustomStringConvertible {
  public var description: String { "a login ticket" }
}

extension Session: CustomStringConvertible {
  public var description: String { "a session" }
}

/// 32 random bytes that whoever shows them may use; the database knows only their keyed hash.
struct BearerBytes: Equatable, Sendable {
  static let size = 32
  let bytes: [UInt8]
}

/// What a ticket in the database is good for.
enum TicketReach: Int, Storable {
  /// The prompt for the code.
  case code = 1
  /// Enable MFA and nothing else.
  case enabling = 2
  /// All that the account may do.
  case full = 3

  var stored: StoredValue { .integer(Int64(rawValue)) }
}

/// The tickets table: login tickets and sessions.
struct Tickets {
  let database: Database
  let hash: KeyedHash
  let random: RandomSource

  func issue(
    _ reach: TicketReach, to account: Account.ID, at now: Seconds, until expires: Seconds
  ) throws(Refusal) -> BearerBytes {
    try database.run("DELETE FROM ticket WHERE expires_at <= ?", now)
    let bearer = BearerBytes(bytes: try random.bytes(BearerBytes.size))
    try database.run(
      "INSERT INTO ticket (hash, account, reach, expires_at) VALUES (?, ?, ?, ?)",
      hash.digest(bearer.bytes), account, reach, expires)
    return bearer
  }

  /// Whose it is and what it is good for, if it is good for anything.
  func find(_ bearer: BearerBytes, at now: Seconds) throws(Refusal) -> (Account.ID, TicketReach)? {
    try database.first(
      "SELECT account, reach FROM ticket WHERE hash = ? AND expires_at > ?",
      hash.digest(bearer.bytes), now
    ) { row in
      TicketReach(rawValue: Int(row.integer(1))).map { (Account.ID(row.integer(0)), $0) }
    } ?? nil
  }

  /// Ends one; says whether it was there.
  @discardableResult
  func end(_ bearer: BearerBytes) throws(Refusal) -> Bool {
    try database.run("DELETE FROM ticket WHERE hash = ?", hash.digest(bearer.bytes)) == 1
  }

  /// Ends all tickets and sessions of an account, but for one that may be kept.
  func endAll(of account: Account.ID, but kept: BearerBytes? = nil) throws(Refusal) {
    try database.run(
      "DELETE FROM ticket WHERE account = ? AND hash IS NOT ?", account,
      kept.map { hash.digest($0.bytes) })
  }

  /// Lets a session that could only enable MFA do everything.
  func widen(_ bearer: BearerBytes) throws(Refusal) {
    try database.run(
      "UPDATE ticket SET reach = ? WHERE hash = ?", TicketReach.full, hash.digest(bearer.bytes))
  }
}
