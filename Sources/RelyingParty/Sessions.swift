import OATH

/// A session in the list of those an account has.
public struct SessionEntry: Equatable, Sendable {
  public typealias ID = RowID<SessionEntry>

  public let id: ID
  /// Whether it is the one that asks.
  public let isCurrent: Bool
  /// Whether it can do nothing but enable MFA.
  public let mayOnlyEnable: Bool
  /// When the person logged in.
  public let opened: Seconds
  public let lastUse: Seconds
  public let expires: Seconds
  /// Where the person logged in from.
  public let address: String
  public let agent: String
}

/// Sessions of a web server: kept in a cookie, listed, revoked, renewed, and proved anew.
extension RelyingParty {
  /// Uses that are closer together, in seconds, are not told apart, so that not every request
  /// writes.
  private static let useGrain: Int64 = 10

  // MARK: Cookies

  /// The session of a cookie, if it is still good. This counts as its use: one that is not resumed
  /// for `policy.idleLifetime` ends.
  public func resume(sessionCookie text: String) throws(Refusal) -> Session {
    let now = clock()
    guard let bearer = BearerBytes(parsing: text), let ticket = try tickets.find(bearer, at: now),
      ticket.reach != .code
    else { throw .sessionEnded }
    if now.rawValue - ticket.used.rawValue >= Self.useGrain { try tickets.touch(ticket, at: now) }
    return Session(bearer: bearer, expires: ticket.expires)
  }

  /// The login ticket of a cookie, if it is still good.
  public func resume(ticketCookie text: String) throws(Refusal) -> LoginTicket {
    guard let bearer = BearerBytes(parsing: text),
      let ticket = try tickets.find(bearer, at: clock()), ticket.reach == .code,
      let credential = try credentials.active(of: ticket.account)
    else { throw .ticketEnded }
    return LoginTicket(
      bearer: bearer, expires: ticket.expires, digits: credential.digits.rawValue)
  }

  /// The same session with another bearer; the old one is good for nothing from now on. `activate`
  /// and `disable` do the same by themselves.
  public func renew(_ session: Session) throws(Refusal) -> Session {
    try database.immediately { () throws(Refusal) in
      _ = try enrollingAccount(of: session)
      return try renewed(session)
    }
  }

  /// The same inside a transaction, with whatever changed what the session may do.
  func renewed(_ session: Session) throws(Refusal) -> Session {
    Session(
      bearer: try tickets.renew(session.bearer, proved: nil, at: clock()),
      expires: session.expires)
  }

  /// Whether a session may do nothing but enable MFA, because an Organization requires it.
  public func mayOnlyEnable(_ session: Session) throws(Refusal) -> Bool {
    try !confiners(of: enrollingAccount(of: session)).isEmpty
  }

  // MARK: Forms

  /// What a form of this session carries, so that no other site can send it (ASVS 4.2.2).
  public func formToken(_ session: Session) -> String { formToken("session:\(session.cookie)") }
  /// The same for the forms of a login that waits for its code.
  public func formToken(_ ticket: LoginTicket) -> String { formToken("ticket:\(ticket.cookie)") }
  /// The same before the login, for a browser that has a cookie from `browserCookie`.
  public func formToken(browser cookie: String) -> String { formToken("browser:\(cookie)") }

  /// Whether two form tokens are the same; in constant time.
  public static func isFormToken(_ typed: String, _ expected: String) -> Bool {
    ConstantTime.equal(Array(typed.utf8).span, Array(expected.utf8).span)
  }

  /// A random cookie for a browser without a session: 64 hexadecimal digits.
  public func browserCookie() throws(Refusal) -> String {
    BearerBytes(bytes: try random.bytes(BearerBytes.size)).text
  }

  private func formToken(_ text: String) -> String {
    let digest = keyedHash.digest(Array("form:\(text)".utf8))
    return String(decoding: Hexadecimal.text(of: digest), as: UTF8.self)
  }

  // MARK: The list

  /// The sessions of the account, the one used last first.
  public func sessions(_ session: Session) throws(Refusal) -> [SessionEntry] {
    let current = try ticket(of: session)
    let isConfined = try mayOnlyEnable(session)
    let now = clock()
    return try database.rows(
      """
      SELECT id, issued_at, used_at, expires_at, address, agent FROM ticket
      WHERE account = ? AND reach <> ? AND expires_at > ? AND used_at > ?
      ORDER BY used_at DESC, id DESC
      """, current.account, TicketReach.code, now, now.later(by: -policy.idleLifetime.rawValue)
    ) {
      SessionEntry(
        id: SessionEntry.ID($0.integer(0)), isCurrent: $0.integer(0) == current.id,
        mayOnlyEnable: isConfined, opened: $0.seconds(1), lastUse: $0.seconds(2),
        expires: $0.seconds(3), address: $0.text(4), agent: $0.text(5))
    }
  }

  /// Ends one of the account's sessions.
  public func revoke(_ id: SessionEntry.ID, _ session: Session) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      let account = try account(of: session)
      let ended = try database.run(
        "DELETE FROM ticket WHERE id = ? AND account = ? AND reach <> ?", id, account,
        TicketReach.code)
      guard ended == 1 else { throw .noSuchSession }
      try log.record(.sessionRevoked, actor: account, subject: account)
    }
  }

  /// Ends all sessions and login tickets of the account but this one; returns how many.
  @discardableResult
  public func revokeOthers(_ session: Session) throws(Refusal) -> Int {
    try database.immediately { () throws(Refusal) in
      let account = try account(of: session)
      let ended = try tickets.endAll(of: account, but: session.bearer)
      try log.record(
        .sessionRevoked, actor: account, subject: account, detail: "all others, \(ended)")
      return ended
    }
  }
}
