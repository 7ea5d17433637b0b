import HTTPServer
import RelyingParty

/// One Organization: its members and how they stand with MFA; for Owners, everything they may do.
enum OrganizationPage {
  static func show(_ visit: Visit) throws -> HTTPResponse { try page(visit, id(visit)) }

  // MARK: What is done here

  static func invite(_ visit: Visit) throws -> HTTPResponse {
    let id = try id(visit)
    return try visit.attempt {
      try visit.party.invite(
        visit["email"], to: id, as: Role(rawValue: visit["role"]) ?? .member,
        mayManageMFA: visit.request.form.isTicked("may-manage-mfa"), visit.signedIn())
      return done(visit, id, .invited)
    } refused: {
      try page(visit, id, $0)
    }
  }

  static func withdraw(_ visit: Visit) throws -> HTTPResponse {
    try change(visit, .withdrawn) {
      try visit.party.withdrawInvitation(of: visit["invited-email"], to: $0, $1)
    }
  }

  static func setEnforcement(_ visit: Visit) throws -> HTTPResponse {
    guard visit["enforced"] == "yes" else {
      return try change(visit, .notEnforced) { try visit.party.stopEnforcingMFA(in: $0, $1) }
    }
    let isChange = visit["change"] == "yes"
    return try change(visit, isChange ? .graceChanged : .enforced) {
      let days = visit["grace-days"]
      let grace = days.isEmpty ? nil : try visit.party.gracePeriod(days: Int(days) ?? -1)
      try visit.party.enforceMFA(in: $0, grace: grace, $1)
    }
  }

  static func setRole(_ visit: Visit) throws -> HTTPResponse {
    guard let role = Role(rawValue: visit["role"]) else { throw NotFound() }
    return try change(visit, .roleChanged) {
      try visit.party.setRole(role, of: member(visit), in: $0, $1)
    }
  }

  static func setPermission(_ visit: Visit) throws -> HTTPResponse {
    let isAllowed = visit["allowed"] == "yes"
    return try change(visit, isAllowed ? .permissionGiven : .permissionTaken) {
      try visit.party.setMayManageMFA(isAllowed, of: member(visit), in: $0, $1)
    }
  }

  static func remove(_ visit: Visit) throws -> HTTPResponse {
    try change(visit, .removed) { try visit.party.remove(member(visit), from: $0, $1) }
  }

  static func leave(_ visit: Visit) throws -> HTTPResponse {
    try change(visit, .left, to: "/organizations") { try visit.party.leave($0, $1) }
  }

  static func dissolve(_ visit: Visit) throws -> HTTPResponse {
    try change(visit, .dissolved, to: "/organizations") { try visit.party.dissolve($0, $1) }
  }

  private static func id(_ visit: Visit) throws -> Organization.ID {
    try visit.argument(0, Organization.ID.init(parsing:))
  }

  private static func member(_ visit: Visit) throws -> Account.ID {
    try visit.argument(1, Account.ID.init(parsing:))
  }

  private static func change(
    _ visit: Visit, _ notice: Notice, to path: String? = nil,
    _ work: (Organization.ID, Session) throws -> Void
  ) throws -> HTTPResponse {
    let id = try id(visit)
    return try visit.attempt {
      try work(id, visit.signedIn())
      return path.map { visit.go(to: $0, notice) } ?? done(visit, id, notice)
    } refused: {
      try page(visit, id, $0)
    }
  }

  private static func done(
    _ visit: Visit, _ id: Organization.ID, _ notice: Notice
  ) -> HTTPResponse {
    // An Owner may just have given up being one; the page itself stays theirs to see.
    visit.go(to: "/organizations/\(id.rawValue)", notice)
  }

  // MARK: The page

  private static func page(
    _ visit: Visit, _ id: Organization.ID, _ problem: Problem? = nil
  ) throws -> HTTPResponse {
    let session = try visit.signedIn()
    let organization = try organization(id, visit, session)
    let own = try visit.party.membership(in: id, session)
    let members = try visit.party.members(of: id, session)
    let token = try visit.token()
    let without = members.filter { !$0.hasMFA }
    var ownerParts: HTML = ""
    if own.role == .owner { ownerParts = try owners(visit, organization, token, problem) }
    return try Page(
      title: organization.name, place: .organizations, problem: problem,
      content: """
        <p><span id="enforcement" class="\(organization.enforcesMFA ? "badge on" : "badge off")">\
        \(organization.enforcesMFA ? "MFA enforced" : "MFA not enforced")</span>\
        \(organization.enforcedFrom, {
          " <span class=\"hint\" id=\"enforced-from\">from \(TimeText.html($0))</span>"
        })</p>
        <section class="card" aria-labelledby="members-title">
        <h2 id="members-title">Members</h2>
        \(MemberTable(organization: organization, members: members, own: own, token: token).html)
        </section>
        \(if: !without.isEmpty, """
        <section class="card" aria-labelledby="without-title">
        <h2 id="without-title">Members without MFA</h2>
        \(organization.enforcedFrom, { """
        <p>From \(TimeText.html($0)) on they can do nothing but enable MFA.</p>
        """ })
        <ul id="members-without-mfa">\(without.map { "<li>\($0.email)</li>" })</ul>
        </section>
        """)
        \(ownerParts)
        <section class="card" aria-labelledby="leave-title">
        <h2 id="leave-title">Leave</h2>
        \(Form(id: "leave-form", action: "/organizations/\(id.rawValue)/leave", token: token).html(
          Submit(id: "leave-organization", label: "Leave this Organization", weight: .danger)))
        </section>
        """
    ).response(to: visit)
  }

  /// One that the person does not belong to is none, whether it is there or not.
  private static func organization(
    _ id: Organization.ID, _ visit: Visit, _ session: Session
  ) throws -> Organization {
    do {
      return try visit.party.organization(id, session)
    } catch Refusal.notAMember {
      throw NotFound()
    }
  }

  /// What only Owners see.
  private static func owners(
    _ visit: Visit, _ organization: Organization, _ token: String, _ problem: Problem?
  ) throws -> HTML {
    let id = organization.id.rawValue
    let invitations = try visit.party.invited(to: organization.id, visit.signedIn())
    let dissolve = Form(
      id: "dissolve-form", action: "/organizations/\(id)/dissolve", token: token)
    return """
      \(inviting(visit, id, token, invitations, problem))
      \(EnforcementForm(
        organization: organization, token: token, problem: problem, typed: visit["grace-days"]).html)
      <section class="card" aria-labelledby="dissolve-title">
      <h2 id="dissolve-title">Dissolve</h2>
      <p>Only when you are its last member.</p>
      \(dissolve.html(
        Submit(id: "dissolve-organization", label: "Dissolve this Organization", weight: .danger)))
      </section>
      """
  }

  private static func inviting(
    _ visit: Visit, _ id: Int64, _ token: String, _ invitations: [Invitation], _ problem: Problem?
  ) -> HTML {
    let form = Form(id: "invite-form", action: "/organizations/\(id)/invite", token: token)
    let email = Field(
      name: "email", label: "E-mail address", kind: .email, value: visit["email"],
      hint:
        "The invitation waits until this address has an account. We do not say whether it has one.")
    let rows = zip(1..., invitations).map { withdrawal($1, number: $0, of: id, token) }
    return """
      <section class="card" aria-labelledby="invite-title">
      <h2 id="invite-title">Invite</h2>
      \(form.html("""
      \(email.html(problem))
      <div class="field"><label for="role">Role</label><select id="role" name="role">
      <option value="member">Member</option><option value="owner">Owner</option></select></div>
      <div class="check"><input id="may-manage-mfa" name="may-manage-mfa" type="checkbox" value="yes">
      <label for="may-manage-mfa">Permission to manage MFA</label></div>
      <p class="hint">An account that is made after the invitation joins as a plain member: make sure who \
      it is, then change the role.</p>
      <div class="actions">\(Submit(id: "invite", label: "Invite").html)</div>
      """))
      \(if: !rows.isEmpty, """
      <h3>Invited</h3>
      <ul id="invited" class="rows">\(rows)</ul>
      """)
      </section>
      """
  }

  private static func withdrawal(
    _ invitation: Invitation, number: Int, of id: Int64, _ token: String
  ) -> HTML {
    let form = Form(
      id: "withdraw-form-\(number)", action: "/organizations/\(id)/withdraw", token: token,
      isInline: true, hidden: [("invited-email", invitation.email)])
    return """
      <li><span>\(invitation.email) · \(invitation.role.title)\
      \(if: invitation.mayManageMFA, " · may manage MFA")</span>
      \(form.html(
        Submit(id: "withdraw-invitation-\(number)", label: "Withdraw", weight: .quiet)))</li>
      """
  }
}

extension Role {
  var title: String { self == .owner ? "Owner" : "Member" }
}
