import OATH

/// Lets its bearer answer the prompt for the code, for a few minutes after the right password.
/// Good for one login.
public struct LoginTicket: Equatable, Sendable {
  let bearer: BearerBytes
  public let expires: Seconds
  /// Digits of the code that is asked for.
  public let digits: Int

  /// For a cookie: 64 hexadecimal digits. `RelyingParty.resume(ticketCookie:)` takes it back.
  public var cookie: String { bearer.text }
}

/// Lets its bearer act for an account until `expires`, or until it was not used for a while, or is
/// ended. While an Organization of the account requires MFA and it is off, it can enable MFA and
/// nothing else, whenever it logged in.
public struct Session: Equatable, Sendable {
  let bearer: BearerBytes
  public let expires: Seconds

  /// For a cookie: 64 hexadecimal digits. `RelyingParty.resume(sessionCookie:)` takes it back.
  public var cookie: String { bearer.text }
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

  var text: String { String(decoding: Hexadecimal.text(of: bytes), as: UTF8.self) }

  init(bytes: [UInt8]) { self.bytes = bytes }

  init?(parsing text: String) {
    guard text.utf8.count == 2 * Self.size, let bytes = Hexadecimal.bytes(Array(text.utf8)) else {
      return nil
    }
    self.bytes = bytes
  }
}

/// What a ticket in the database is good for.
enum TicketReach: Int, Storable {
  /// The prompt for the code.
  case code = 1
  /// All that the account may do at that moment.
  case full = 3

  var stored: StoredValue { .integer(Int64(rawValue)) }
}

/// A ticket or session in the database.
struct IssuedTicket {
  let id: Int64
  let account: Account.ID
  let reach: TicketReach
  /// When the person last showed the password, and a code if MFA is on.
  let proved: Seconds
  let used: Seconds
  let expires: Seconds
}

/// The tickets table: login tickets and sessions.
struct Tickets {
  let database: Database
  let hash: KeyedHash
  let random: RandomSource
  /// One that was not used for so long has ended.
  let idleLifetime: Seconds

  /// Seconds that the clock may have been set back, or that a standby's is behind. What is from a later
  /// time was written by a clock that was wrong, and is good for nothing.
  static let clockTolerance: Int64 = 60

  func issue(
    _ reach: TicketReach, to account: Account.ID, at now: Seconds, until expires: Seconds,
    from client: Client
  ) throws(Refusal) -> BearerBytes {
    let bearer = BearerBytes(bytes: try random.bytes(BearerBytes.size))
    let digest = hash.digest(bearer.bytes)
    try database.run(
      """
      INSERT INTO ticket
        (hash, account, reach, issued_at, proved_at, used_at, expires_at, address, agent, seal,
        proof_seal)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, digest, account, reach, now, now, now, expires, client.address,
      client.agent, seal(digest, account, reach, issued: now, expires: expires),
      proofSeal(digest, account, proved: now))
    return bearer
  }

  /// What it is good for, if it is good for anything.
  func find(_ bearer: BearerBytes, at now: Seconds) throws(Refusal) -> IssuedTicket? {
    let digest = hash.digest(bearer.bytes)
    let found = try database.first(
      """
      SELECT id, account, reach, issued_at, proved_at, used_at, expires_at, seal, proof_seal
      FROM ticket WHERE hash = ? AND expires_at > ? AND used_at > ?
      """, digest, now, now.later(by: -idleLifetime.rawValue)
    ) { row in
      (ticket: ticket(row, digest, at: now), issued: row.seconds(3))
    }
    guard let found, let ticket = found.ticket else { return nil }
    guard found.issued <= now.later(by: Self.clockTolerance) else {
      // For good: or it would be good again once its time has come.
      try end(bearer)
      return nil
    }
    return ticket
  }

  /// Nil for a row that somebody without the key has written.
  private func ticket(_ row: any Row, _ digest: [UInt8], at now: Seconds) -> IssuedTicket? {
    let account = Account.ID(row.integer(1))
    guard let reach = TicketReach(rawValue: Int(row.integer(2))),
      row.bytes(7)
        == seal(digest, account, reach, issued: row.seconds(3), expires: row.seconds(6))
    else { return nil }
    let proved = row.seconds(4)
    let isProved =
      proved <= now.later(by: Self.clockTolerance)
      && row.bytes(8) == proofSeal(digest, account, proved: proved)
    return IssuedTicket(
      id: row.integer(0), account: account, reach: reach,
      proved: isProved ? proved : Seconds(.min), used: row.seconds(5), expires: row.seconds(6))
  }

  /// Binds a bearer to its account, and to what it is good for.
  private func seal(
    _ digest: [UInt8], _ account: Account.ID, _ reach: TicketReach, issued: Seconds,
    expires: Seconds
  ) -> [UInt8] {
    hash.seal("ticket", [digest, account, reach, issued, expires])
  }

  /// Binds a proof to the bearer that gave it. A moment that is written without it is none.
  private func proofSeal(
    _ digest: [UInt8], _ account: Account.ID, proved: Seconds
  ) -> [UInt8] {
    hash.seal("proof", [digest, account, proved])
  }

  /// Notes that it was used.
  func touch(_ ticket: IssuedTicket, at now: Seconds) throws(Refusal) {
    try database.run("UPDATE ticket SET used_at = ? WHERE id = ?", now, ticket.id)
  }

  /// Gives a session another bearer, in the place of the one that was known until now; with
  /// `proved`, the person has shown who they are in this moment. Inside a transaction.
  func renew(
    _ bearer: BearerBytes, proved: Seconds?, at now: Seconds
  ) throws(Refusal) -> BearerBytes {
    guard let ticket = try find(bearer, at: now) else { throw .sessionEnded }
    let issued = try database.first("SELECT issued_at FROM ticket WHERE id = ?", ticket.id) {
      $0.seconds(0)
    }
    let renewed = BearerBytes(bytes: try random.bytes(BearerBytes.size))
    let digest = hash.digest(renewed.bytes)
    let proved = proved ?? ticket.proved
    let changed = try database.run(
      """
      UPDATE ticket SET hash = ?, used_at = ?, proved_at = ?, seal = ?, proof_seal = ?
      WHERE hash = ?
      """, digest, now, proved,
      seal(digest, ticket.account, ticket.reach, issued: issued ?? now, expires: ticket.expires),
      proofSeal(digest, ticket.account, proved: proved), hash.digest(bearer.bytes))
    guard changed == 1 else { throw .sessionEnded }
    return renewed
  }

  /// Ends one; says whether it was there.
  @discardableResult
  func end(_ bearer: BearerBytes) throws(Refusal) -> Bool {
    try database.run("DELETE FROM ticket WHERE hash = ?", hash.digest(bearer.bytes)) == 1
  }

  /// Ends all tickets and sessions of an account, but for one that may be kept. Returns how many.
  @discardableResult
  func endAll(of account: Account.ID, but kept: BearerBytes? = nil) throws(Refusal) -> Int {
    try database.run(
      "DELETE FROM ticket WHERE account = ? AND hash IS DISTINCT FROM ?", account,
      kept.map { hash.digest($0.bytes) })
  }

  /// Lets no proof of an account count any longer: how one proves who one is has changed.
  func endProofs(of account: Account.ID) throws(Refusal) {
    try database.run("UPDATE ticket SET proved_at = 0 WHERE account = ?", account)
  }

  /// Drops what has ended by itself.
  func purge(at now: Seconds) throws(Refusal) {
    try database.run(
      "DELETE FROM ticket WHERE expires_at <= ? OR issued_at > ?", now,
      now.later(by: Self.clockTolerance))
  }
}
