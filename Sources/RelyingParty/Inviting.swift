/// How one becomes a member of an Organization: by an invitation that one takes up oneself.
///
/// Nobody becomes a member by somebody else's will alone. Otherwise a stranger could add an account
/// to an Organization of theirs and, as its Owner, approve a recovery case that takes that
/// account's MFA off.
///
/// An invitation is to an address, whether it has an account or not, so that inviting does not tell
/// who has one. It can be taken up only by an account that was there when it was made: nothing
/// proves yet that who signs up with an address is the one who was meant.
extension RelyingParty {
  private static let addressed = """
    FROM invitation AS i JOIN account AS a ON a.email = i.email AND a.created_at <= i.invited_at
    WHERE a.id = ?
    """

  /// The Organizations that the person is invited to.
  public func invitations(_ session: Session) throws(Refusal) -> [Organization] {
    try database.rows(
      """
      SELECT id, name, enforces_mfa FROM organization
      WHERE id IN (SELECT i.organization \(Self.addressed)) ORDER BY lower(name)
      """, account(of: session), read: Organization.init)
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

  /// Invites a person, as an Owner. Who was invited before keeps the newer terms.
  public func invite(
    _ email: String, to id: Organization.ID, as role: Role = .member, mayManageMFA: Bool = false,
    _ session: Session
  ) throws(Refusal) {
    guard let address = EmailAddress(email) else { throw .emailMalformed }
    try asOwner(of: id, session) { (owner, organization) throws(Refusal) in
      let isMember = try database.exists(
        """
        SELECT 1 FROM membership AS m JOIN account AS a ON a.id = m.account
        WHERE m.organization = ? AND a.email = ?
        """, id, address.text)
      guard !isMember else { throw .alreadyMember(organization.name) }
      try database.run(
        """
        INSERT INTO invitation (organization, email, role, may_manage_mfa, invited_at)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (organization, email) DO UPDATE SET role = excluded.role,
          may_manage_mfa = excluded.may_manage_mfa, invited_at = excluded.invited_at
        """, id, address.text, role, mayManageMFA, clock())
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

  /// Takes an invitation up. If the Organization enforces MFA and the person's is off, the next
  /// login leads to Enable MFA.
  public func join(_ id: Organization.ID, _ session: Session) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      let account = try account(of: session)
      let joined = try database.run(
        """
        INSERT INTO membership (organization, account, role, may_manage_mfa)
        SELECT i.organization, a.id, i.role, i.may_manage_mfa \(Self.addressed)
          AND i.organization = ?
        """, account, id)
      guard joined == 1 else { throw .notInvited }
      try dropInvitation(to: id, of: account)
      try log.record(.memberJoined, actor: account, subject: account, organization: id)
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
