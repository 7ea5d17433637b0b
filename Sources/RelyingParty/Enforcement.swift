import OATH

/// Enforce MFA: an Organization requires MFA of its members from a date on, which is when it was
/// set plus a grace period.
///
/// Before the date members see it and go on working. From the date on, every session without MFA
/// can enable MFA and nothing else, no matter when it logged in, and one joins with MFA only. As soon
/// as it is set, nobody in the Organization disables MFA.
extension RelyingParty {
  /// The longest grace period.
  public static let longestGrace = Seconds(365 * 86_400)

  /// Enforces MFA, as an Owner who has MFA on; or sets another grace period while it is enforced.
  /// The period counts from when enforcement was set. Lengthening it takes a fresh proof.
  /// - Parameter grace: 0 or more seconds; nil for the one the Organization has, which is
  ///   `Organization.usualGrace` to begin with.
  public func enforceMFA(
    in id: Organization.ID, grace: Seconds? = nil, _ session: Session
  ) throws(Refusal) {
    try asOwner(of: id, session) { (owner, organization) throws(Refusal) in
      guard try credentials.isActive(of: owner) else { throw .ownMFANeeded }
      let grace = grace ?? organization.grace
      guard (Seconds(0)...Self.longestGrace).contains(grace) else {
        throw .graceUnusable(mostDays: Int(Self.longestGrace.rawValue / 86_400))
      }
      if organization.enforcesMFA {
        try changeGrace(of: organization, to: grace, by: owner, session)
      } else {
        try database.run(
          "UPDATE organization SET enforced_at = ?, grace = ? WHERE id = ?", clock(), grace, id)
        try log.record(
          .enforcementBegun, actor: owner, organization: id, detail: "grace \(grace.inWords)")
      }
    }
  }

  /// A grace period of so many days, if there can be such a one.
  public func gracePeriod(days: Int) throws(Refusal) -> Seconds {
    let most = Int(Self.longestGrace.rawValue / 86_400)
    guard (0...most).contains(days) else { throw .graceUnusable(mostDays: most) }
    return Seconds(Int64(days) * 86_400)
  }

  private func changeGrace(
    of organization: Organization, to grace: Seconds, by owner: Account.ID, _ session: Session
  ) throws(Refusal) {
    if grace == organization.grace { return }
    let isLonger = grace > organization.grace
    if isLonger { try checkFresh(session) }
    try database.run("UPDATE organization SET grace = ? WHERE id = ?", grace, organization.id)
    try log.record(
      isLonger ? .graceLengthened : .graceShortened, actor: owner, organization: organization.id,
      detail: "from \(organization.grace.inWords) to \(grace.inWords)")
  }

  /// Ends enforcement, as an Owner with a fresh proof.
  public func stopEnforcingMFA(in id: Organization.ID, _ session: Session) throws(Refusal) {
    try asOwner(of: id, session) { (owner, organization) throws(Refusal) in
      try checkFresh(session)
      guard organization.enforcesMFA else { return }
      try database.run("UPDATE organization SET enforced_at = NULL WHERE id = ?", id)
      try log.record(.enforcementEnded, actor: owner, organization: id)
    }
  }

  /// The Organizations that enforce MFA, whether their date has come or not; none of their members can
  /// disable it.
  func enforcers(of account: Account.ID) throws(Refusal) -> [Organization] {
    try organizations(of: account).filter(\.enforcesMFA)
  }

  /// The Organizations whose date has come, if MFA is off: until it is on, the account can do nothing
  /// else.
  func confiners(of account: Account.ID) throws(Refusal) -> [Organization] {
    try database.rows(
      """
      \(Self.joined) AND o.enforced_at + o.grace <= ?
        AND NOT EXISTS (SELECT 1 FROM credential AS c WHERE c.account = m.account AND c.is_active)
      ORDER BY lower(o.name)
      """, account, clock(), read: Organization.init)
  }
}

extension Seconds {
  /// "0 days", "1 day", "36 hours": days where it comes out even.
  var inWords: String {
    let (count, unit) =
      rawValue % 86_400 == 0
      ? (rawValue / 86_400, "day")
      : rawValue % 3600 == 0 ? (rawValue / 3600, "hour") : (rawValue, "second")
    return "\(count) \(unit)\(count == 1 ? "" : "s")"
  }
}
