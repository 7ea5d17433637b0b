import OATH

/// A company or team at the console, whose Owners can require MFA of all members.
public struct Organization: Equatable, Sendable {
  public typealias ID = RowID<Organization>

  /// Bytes of the longest name.
  static let longestName = 100

  public let id: ID
  public let name: String
  /// From when on MFA is required: when that was set, plus the grace period. Nil if it is not.
  public let enforcedFrom: Seconds?
  /// From setting enforcement to its date.
  public let grace: Seconds

  /// What the grace period is if nobody chooses: 3 days.
  public static let usualGrace = Seconds(3 * 86_400)

  /// Whether MFA is required, now or from a date to come.
  public var enforcesMFA: Bool { enforcedFrom != nil }
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

extension Role: Storable { var stored: StoredValue { .text(rawValue) } }

extension Organization {
  /// What `init(_:)` reads, of a table `o`.
  static let columns = "o.id, o.name, o.enforced_at, o.grace"

  /// The columns of `columns`.
  init(_ row: any Row) {
    let grace = row.seconds(3)
    self.init(
      id: ID(row.integer(0)), name: row.text(1),
      enforcedFrom: row.isNull(2) ? nil : row.seconds(2).later(by: grace.rawValue), grace: grace)
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
  static let joined = """
    SELECT \(Organization.columns) FROM organization AS o
    JOIN membership AS m ON m.organization = o.id
    WHERE m.account = ?
    """

  func organizations(of account: Account.ID) throws(Refusal) -> [Organization] {
    try database.rows("\(Self.joined) ORDER BY lower(o.name)", account, read: Organization.init)
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
    try accountSeals.check(account)
    return try database.first(
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
