/// A company or team at the console, whose Owners can require MFA of all members.
public struct Organization: Equatable, Sendable {
  public typealias ID = RowID<Organization>

  /// Bytes of the longest name.
  static let longestName = 100

  public let id: ID
  public let name: String
  public let enforcesMFA: Bool
}

/// What a member is in an Organization.
public enum Role: String, Sendable {
  case owner
  case member
}

/// A member of an Organization.
public struct Member: Equatable, Sendable {
  public let account: Account.ID
  public let email: String
  public let role: Role
  /// The permission to update MFA; an Owner has it anyway.
  public let mayManageMFA: Bool
  public let hasMFA: Bool
}

/// Somebody who was invited to an Organization and has not joined it. Whether there is an account
/// of this address is not said.
public struct Invitation: Equatable, Sendable {
  public let email: String
  public let role: Role
  public let mayManageMFA: Bool
}

extension Role: Storable { var stored: StoredValue { .text(rawValue) } }

extension Organization {
  /// The columns `id, name, enforces_mfa`.
  init(_ row: any Row) {
    self.init(id: ID(row.integer(0)), name: row.text(1), enforcesMFA: row.flag(2))
  }
}

extension Member {
  /// The columns account, e-mail address, role, permission, and whether MFA is on.
  init(_ row: any Row) {
    self.init(
      account: Account.ID(row.integer(0)), email: row.text(1),
      role: Role(rawValue: row.text(2)) ?? .member, mayManageMFA: row.flag(3), hasMFA: row.flag(4))
  }
}

/// The membership table's questions.
extension RelyingParty {
  private static let joined = """
    SELECT o.id, o.name, o.enforces_mfa FROM organization AS o
    JOIN membership AS m ON m.organization = o.id
    WHERE m.account = ?
    """

  func organizations(of account: Account.ID) throws(Refusal) -> [Organization] {
    try database.rows("\(Self.joined) ORDER BY lower(o.name)", account, read: Organization.init)
  }

  /// The Organizations that keep this account from being without MFA.
  func enforcers(of account: Account.ID) throws(Refusal) -> [Organization] {
    try database.rows(
      "\(Self.joined) AND o.enforces_mfa ORDER BY lower(o.name)", account, read: Organization.init)
  }

  /// The Organizations that keep this account from updating MFA.
  func updateForbidders(of account: Account.ID) throws(Refusal) -> [Organization] {
    try database.rows(
      "\(Self.joined) AND m.role <> ? AND NOT m.may_manage_mfa ORDER BY lower(o.name)", account,
      Role.owner, read: Organization.init)
  }

  /// The Organization, if the account has joined it.
  func organization(_ id: Organization.ID, of account: Account.ID) throws(Refusal) -> Organization {
    let found = try database.first(
      "\(Self.joined) AND o.id = ?", account, id, read: Organization.init)
    guard let found else { throw .notAMember }
    return found
  }

  /// The Organization, if the account is an Owner of it.
  func ownedOrganization(
    _ id: Organization.ID, of account: Account.ID
  ) throws(Refusal) -> Organization {
    let organization = try organization(id, of: account)
    guard try role(of: account, in: id) == .owner else { throw .notAnOwner(organization.name) }
    return organization
  }

  func role(of account: Account.ID, in id: Organization.ID) throws(Refusal) -> Role? {
    try database.first(
      "SELECT role FROM membership WHERE organization = ? AND account = ?", id, account
    ) { Role(rawValue: $0.text(0)) } ?? nil
  }

  /// Refuses to take the role of the last Owner away.
  func checkNotLastOwner(_ account: Account.ID, in organization: Organization) throws(Refusal) {
    let others = try database.exists(
      """
      SELECT 1 FROM membership
      WHERE organization = ? AND role = ? AND account <> ?
      """, organization.id, Role.owner, account)
    if try role(of: account, in: organization.id) == .owner && !others {
      throw .lastOwner(organization.name)
    }
  }
}
