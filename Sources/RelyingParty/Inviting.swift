import OATH

/// Somebody who was invited to an Organization and has not joined it. Whether there is an account
/// of this address is not said.
public struct Invitation: Equatable, Sendable {
  public let email: String
  public let role: Role
  public let mayManageMFA: Bool
}

/// An invitation as the person who was invited sees it.
public struct ReceivedInvitation: Equatable, Sendable {
  public let organization: Organization
  /// The Owner who invited; nil if that is no longer known.
  public let inviter: String?
  public let role: Role
  public let mayManageMFA: Bool

  /// What accepting allows, a sentence each.
  public var allows: [String] {
    var sentences = [
      "Its members see your e-mail address, and whether your MFA is on.",
      "Its Owners, and members who may manage MFA, can turn your MFA off if they have that right in "
        + "every Organization you belong to.",
    ]
    if role == .member && !mayManageMFA {
      sentences.append("You can update MFA only with its permission to manage MFA.")
    }
    sentences.append(
      organization.enforcesMFA
        ? "It requires MFA. You cannot disable yours while you belong to it."
        : "Its Owners can require MFA. You could not disable yours while you belong to it.")
    return sentences
  }
}

/// How one becomes a member of an Organization: by an invitation that one takes up oneself.
///
/// Nobody becomes a member by somebody else's will alone: whoever has authority in every
/// Organization of a person can reset the person's MFA. That is also why accepting takes a fresh
/// proof.
///
/// An invitation is to an address, whether it has an account or not, so that inviting does not tell
/// who has one, and waits until there is one. It counts as long as whoever made it is an Owner.
/// Nothing proves that who signs up with an address is the one who was meant, so an account made
/// after the invitation joins as a plain member; an Owner then gives it the rest.
extension RelyingParty {
  private static let addressed = """
    FROM invitation AS i JOIN account AS a ON a.email = i.email
      JOIN organization AS o ON o.id = i.organization
      LEFT JOIN account AS b ON b.id = i.invited_by
    WHERE a.id = ? AND (i.invited_by IS NULL OR EXISTS (SELECT 1 FROM membership AS m
      WHERE m.organization = i.organization AND m.account = i.invited_by AND m.role = 'owner'))
    """

  /// What the invitation gives this account, of the tables in `addressed`.
  private static let terms = """
    CASE WHEN a.created_at <= i.invited_at THEN i.role ELSE 'member' END,
    a.created_at <= i.invited_at AND i.may_manage_mfa
    """

  /// The invitations of the person.
  public func invitations(_ session: Session) throws(Refusal) -> [ReceivedInvitation] {
    try database.rows(
      """
      SELECT \(Organization.columns), b.email, \(Self.terms) \(Self.addressed)
      ORDER BY lower(o.name)
      """, account(of: session)
    ) {
      ReceivedInvitation(
        organization: Organization($0), inviter: $0.isNull(4) ? nil : $0.text(4),
        role: Role(rawValue: $0.text(5)) ?? .member, mayManageMFA: $0.flag(6))
    }
  }

  /// Who is invited; for Owners.
  public func invited(to id: Organization.ID, _ session: Session) throws(Refusal) -> [Invitation] {
    _ = try ownedOrganization(id, of: account(of: session))
    return try database.rows(
      """
      SELECT email, role, may_manage_mfa FROM invitation WHERE organization = ? ORDER BY email
      """, id
    ) {
      Invitation(
        email: $0.text(0), role: Role(rawValue: $0.text(1)) ?? .member, mayManageMFA: $0.flag(2))
    }
  }

  /// Invites a person, as an Owner; with a fresh proof, if it is for more than a plain member. Who was
  /// invited before keeps the newer terms.
  public func invite(
    _ email: String, to id: Organization.ID, as role: Role = .member, mayManageMFA: Bool = false,
    _ session: Session
  ) throws(Refusal) {
    guard let address = EmailAddress(email) else { throw .emailMalformed }
    try asOwner(of: id, session) { (owner, organization) throws(Refusal) in
      if role != .member || mayManageMFA { try checkFresh(session) }
      let isMember = try database.exists(
        """
        SELECT 1 FROM membership AS m JOIN account AS a ON a.id = m.account
        WHERE m.organization = ? AND a.email = ?
        """, id, address.text)
      guard !isMember else { throw .alreadyMember(organization.name) }
      try database.run(
        """
        INSERT INTO invitation (organization, email, role, may_manage_mfa, invited_at, invited_by)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (organization, email) DO UPDATE SET role = excluded.role,
          may_manage_mfa = excluded.may_manage_mfa, invited_at = excluded.invited_at,
          invited_by = excluded.invited_by
        """, id, address.text, role, mayManageMFA, clock(), owner)
      try sealInvitation(of: address.text, to: id)
      try log.record(.memberInvited, actor: owner, organization: id, detail: role.rawValue)
    }
  }

  /// Takes an invitation back, as an Owner.
  public func withdrawInvitation(
    of email: String, to id: Organization.ID, _ session: Session
  ) throws(Refusal) {
    try asOwner(of: id, session) { (owner, _) throws(Refusal) in
      let withdrawn = try database.run(
        "DELETE FROM invitation WHERE organization = ? AND email = ?", id,
        EmailAddress.folded(email))
      guard withdrawn == 1 else { throw .notInvited }
      try log.record(.invitationWithdrawn, actor: owner, organization: id)
    }
  }

  /// Takes an invitation up, with a fresh proof. If the Organization requires MFA by now, it has to be
  /// on.
  public func join(_ id: Organization.ID, _ session: Session) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      let account = try account(of: session)
      let found = try database.first(
        """
        SELECT \(Organization.columns), a.created_at <= i.invited_at \(Self.addressed)
          AND i.organization = ?
        """, account, id
      ) { (organization: Organization($0), isOlder: $0.flag(4)) }
      guard let (organization, isOlder) = found else { throw .notInvited }
      try checkFresh(session)
      if let date = organization.enforcedFrom, date <= clock() {
        guard try credentials.isActive(of: account) else {
          throw .mustEnableToJoin(organization.name)
        }
      }
      try checkInvitation(to: id, of: account)
      try accountSeals.changing(account) { () throws(Refusal) in
        _ = try database.run(
          """
          INSERT INTO membership (organization, account, role, may_manage_mfa)
          SELECT i.organization, a.id, \(Self.terms) \(Self.addressed) AND i.organization = ?
          """, account, id)
      }
      try dropInvitation(to: id, of: account)
      try log.record(
        .memberJoined, actor: account, subject: account, organization: id,
        detail: isOlder ? nil : "the account is newer than the invitation")
    }
  }

  /// Declines an invitation.
  public func decline(_ id: Organization.ID, _ session: Session) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      let account = try account(of: session)
      let isInvited = try database.exists(
        "SELECT 1 \(Self.addressed) AND i.organization = ?", account, id)
      guard isInvited else { throw .notInvited }
      try dropInvitation(to: id, of: account)
      try log.record(.invitationDeclined, actor: account, subject: account, organization: id)
    }
  }

  // MARK: Seals

  private static let sealed = """
    SELECT organization, email, role, may_manage_mfa, invited_at, invited_by, seal FROM invitation
    WHERE organization = ? AND email = ?
    """

  /// What nobody without the key can write: what an invitation gives, to whom, and who made it.
  private func invitationSeal(_ row: any Row) -> [UInt8] {
    keyedHash.seal(
      "invitation",
      [
        row.integer(0), row.text(1), row.text(2), row.flag(3), row.integer(4),
        row.optionalInteger(5),
      ])
  }

  private func sealInvitation(
    of email: String, to id: Organization.ID
  ) throws(Refusal) {
    let seal = try database.first(Self.sealed, id, email, read: invitationSeal)
    try database.run(
      "UPDATE invitation SET seal = ? WHERE organization = ? AND email = ?", seal, id, email)
  }

  /// Refuses an invitation that somebody without the key has written, and one by an account that they
  /// made an Owner.
  private func checkInvitation(
    to id: Organization.ID, of account: Account.ID
  ) throws(Refusal) {
    let email = try findAccount(account)?.email ?? ""
    let found = try database.first(Self.sealed, id, email) {
      (isRight: invitationSeal($0) == $0.bytes(6), inviter: $0.optionalInteger(5))
    }
    guard let found, found.isRight else {
      throw .sealing(.altered(place: "invitation to Organization \(id.rawValue)"))
    }
    if let inviter = found.inviter { try accountSeals.check(Account.ID(inviter)) }
  }

  private func dropInvitation(
    to id: Organization.ID, of account: Account.ID
  ) throws(Refusal) {
    try database.run(
      """
      DELETE FROM invitation
      WHERE organization = ? AND email = (SELECT email FROM account WHERE id = ?)
      """, id, account)
  }
}
