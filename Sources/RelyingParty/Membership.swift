/// Who belongs to which Organization, and what they may do there.
/// How one becomes a member is in `Inviting`.
extension RelyingParty {
  /// Makes an Organization; the person becomes its Owner.
  /// - Parameter name: 1 to 100 bytes on one line; no two Organizations share one.
  public func createOrganization(
    named name: String, _ session: Session
  ) throws(Refusal) -> Organization {
    guard (1...Organization.longestName).contains(name.utf8.count), Self.isOneLine(name) else {
      throw .nameUnusable(mostBytes: Organization.longestName)
    }
    return try database.immediately { () throws(Refusal) in
      let account = try account(of: session)
      try accountSeals.check(account)
      let folded = name.lowercased()
      guard try !database.exists("SELECT 1 FROM organization WHERE folded = ?", folded) else {
        throw .nameTaken
      }
      let id = Organization.ID(
        try database.insert(
          "INSERT INTO organization (name, folded) VALUES (?, ?) RETURNING id", name, folded))
      try database.run(
        "INSERT INTO membership (organization, account, role) VALUES (?, ?, ?)", id, account,
        Role.owner)
      try accountSeals.seal(account)
      try log.record(.organizationCreated, actor: account, subject: account, organization: id)
      return Organization(id: id, name: name, enforcedFrom: nil, grace: Organization.usualGrace)
    }
  }

  /// The Organizations of the person.
  public func organizations(_ session: Session) throws(Refusal) -> [Organization] {
    try organizations(of: account(of: session))
  }

  /// One of them.
  public func organization(
    _ id: Organization.ID, _ session: Session
  ) throws(Refusal) -> Organization {
    try organization(id, of: account(of: session))
  }

  /// What the person is in an Organization.
  public func membership(in id: Organization.ID, _ session: Session) throws(Refusal) -> Member {
    let own = try account(of: session)
    let member = try database.first(
      "\(Self.memberRows) AND m.account = ?", id, own, read: Member.init)
    guard let member else { throw .notAMember }
    return member
  }

  /// The members; for members.
  public func members(of id: Organization.ID, _ session: Session) throws(Refusal) -> [Member] {
    _ = try organization(id, of: account(of: session))
    return try database.rows("\(Self.memberRows) ORDER BY a.email", id, read: Member.init)
  }

  private static let memberRows = """
    SELECT a.id, a.email, m.role, m.may_manage_mfa,
      EXISTS (SELECT 1 FROM credential WHERE account = a.id AND is_active)
    FROM membership AS m JOIN account AS a ON a.id = m.account
    WHERE m.organization = ?
    """

  /// Leaves an Organization, with a fresh proof: who belongs to fewer has fewer that protect their MFA
  /// (see `resetMFA`). The last Owner cannot: they make somebody else Owner first, or dissolve it.
  public func leave(_ id: Organization.ID, _ session: Session) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      let account = try account(of: session)
      try checkNotLastOwner(account, in: organization(id, of: account))
      try checkFresh(session)
      try accountSeals.changing(account) { () throws(Refusal) in
        _ = try database.run(
          "DELETE FROM membership WHERE organization = ? AND account = ?", id, account)
      }
      try log.record(.memberLeft, actor: account, subject: account, organization: id)
    }
  }

  /// Takes a member out, as an Owner with a fresh proof; never the last Owner.
  public func remove(
    _ member: Account.ID, from id: Organization.ID, _ session: Session
  ) throws(Refusal) {
    try asOwner(of: id, session) { (owner, organization) throws(Refusal) in
      try checkNotLastOwner(member, in: organization)
      try checkFresh(session)
      let removed = try accountSeals.changing(member) { () throws(Refusal) in
        try database.run(
          "DELETE FROM membership WHERE organization = ? AND account = ?", id, member)
      }
      guard removed == 1 else { throw .notAMember }
      try log.record(.memberRemoved, actor: owner, subject: member, organization: id)
    }
  }

  /// Makes a member Owner, or an Owner member, as an Owner with a fresh proof; never the last Owner.
  public func setRole(
    _ role: Role, of member: Account.ID, in id: Organization.ID, _ session: Session
  ) throws(Refusal) {
    try change(member, in: id, role: role, session)
  }

  /// Gives a member the permission to manage MFA, or takes it away, as an Owner; giving it needs a
  /// fresh proof.
  public func setMayManageMFA(
    _ isAllowed: Bool, of member: Account.ID, in id: Organization.ID, _ session: Session
  ) throws(Refusal) {
    try change(member, in: id, mayManageMFA: isAllowed, session)
  }

  /// Changes a member's role or permission, as an Owner, both or neither; what is nil stays as it is.
  public func change(
    _ member: Account.ID, in id: Organization.ID, role: Role? = nil, mayManageMFA: Bool? = nil,
    _ session: Session
  ) throws(Refusal) {
    try asOwner(of: id, session) { (owner, organization) throws(Refusal) in
      guard try self.role(of: member, in: id) != nil else { throw .notAMember }
      try accountSeals.check(member)
      if role != nil || mayManageMFA == true { try checkFresh(session) }
      if let role {
        if role != .owner { try checkNotLastOwner(member, in: organization) }
        try database.run(
          "UPDATE membership SET role = ? WHERE organization = ? AND account = ?", role, id, member)
        try accountSeals.seal(member)
        try log.record(
          .roleChanged, actor: owner, subject: member, organization: id, detail: role.rawValue)
      }
      if let mayManageMFA {
        try database.run(
          "UPDATE membership SET may_manage_mfa = ? WHERE organization = ? AND account = ?",
          mayManageMFA, id, member)
        try accountSeals.seal(member)
        try log.record(
          .permissionChanged, actor: owner, subject: member, organization: id,
          detail: mayManageMFA ? "given" : "taken")
      }
    }
  }

  /// Dissolves an Organization of which the person is Owner and only member.
  public func dissolve(_ id: Organization.ID, _ session: Session) throws(Refusal) {
    try asOwner(of: id, session) { (owner, organization) throws(Refusal) in
      let others = try database.exists(
        "SELECT 1 FROM membership WHERE organization = ? AND account <> ?", id, owner)
      guard !others else { throw .membersRemain(organization.name) }
      try accountSeals.changing(owner) { () throws(Refusal) in
        _ = try database.run("DELETE FROM organization WHERE id = ?", id)
      }
      try log.record(.organizationDissolved, actor: owner, organization: id)
    }
  }

  /// Runs `body` in a transaction, for an Owner of the Organization.
  func asOwner(
    of id: Organization.ID, _ session: Session,
    _ body: (Account.ID, Organization) throws(Refusal) -> Void
  ) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      let account = try account(of: session)
      try body(account, ownedOrganization(id, of: account))
    }
  }

  static func isOneLine(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
  }
}
