import HTTPServer
import RelyingParty

/// One's Organizations and invitations, and the form for a new one.
enum OrganizationsPage {
  static func show(_ visit: Visit) throws -> HTTPResponse { try page(visit) }

  static func create(_ visit: Visit) throws -> HTTPResponse {
    try visit.attempt {
      let made = try visit.party.createOrganization(named: visit["name"], visit.signedIn())
      return visit.go(to: "/organizations/\(made.id.rawValue)", .organizationCreated)
    } refused: {
      try page(visit, $0)
    }
  }

  static func join(_ visit: Visit) throws -> HTTPResponse {
    let id = try visit.argument(0, Organization.ID.init(parsing:))
    try visit.party.join(id, visit.signedIn())
    return visit.go(to: "/organizations/\(id.rawValue)", .joined)
  }

  static func decline(_ visit: Visit) throws -> HTTPResponse {
    let id = try visit.argument(0, Organization.ID.init(parsing:))
    try visit.party.decline(id, visit.signedIn())
    return visit.go(to: "/organizations", .declined)
  }

  private static func page(_ visit: Visit, _ problem: Problem? = nil) throws -> HTTPResponse {
    let session = try visit.signedIn()
    let token = try visit.token()
    let organizations = try visit.party.organizations(session)
    let invitations = try visit.party.invitations(session)
    let name = Field(name: "name", label: "Name", value: visit["name"])
    return try Page(
      title: "Organizations", place: .organizations, problem: problem,
      content: """
        \(if: !invitations.isEmpty, """
        <section class="card" aria-labelledby="invitations-title">
        <h2 id="invitations-title">You are invited to</h2>
        <ul id="invitations" class="rows">\(invitations.map { invitation($0, token) })</ul>
        </section>
        """)
        <section class="card" aria-labelledby="own-title">
        <h2 id="own-title">You belong to</h2>
        \(if: organizations.isEmpty, "<p class=\"hint\">None yet.</p>")
        <ul id="organizations" class="rows">\(organizations.map {
          """
          <li><a id="organization-\($0.id.rawValue)" href="/organizations/\($0.id.rawValue)">\
          \($0.name)</a>\(if: $0.enforcesMFA, " <span class=\"badge on\">MFA enforced</span>")</li>
          """
        })</ul>
        </section>
        <section class="card" aria-labelledby="create-title">
        <h2 id="create-title">Create one</h2>
        \(Form(id: "create-organization-form", action: "/organizations", token: token).html("""
        \(name.html(problem))
        <div class="actions">\(Submit(id: "create-organization", label: "Create").html)</div>
        """))
        </section>
        """
    ).response(to: visit)
  }

  private static func invitation(_ invitation: ReceivedInvitation, _ token: String) -> HTML {
    let organization = invitation.organization
    let id = organization.id.rawValue
    let join = Form(
      id: "join-form-\(id)", action: "/organizations/\(id)/join", token: token, isInline: true)
    let decline = Form(
      id: "decline-form-\(id)", action: "/organizations/\(id)/decline", token: token,
      isInline: true)
    return """
      <li id="invitation-\(id)"><div><strong>\(organization.name)</strong>\
      \(if: organization.enforcesMFA, " <span class=\"badge on\">MFA enforced</span>")
      <p>\(invitation.inviter ?? "An Owner") invited you as \(invitation.role.title)\
      \(if: invitation.mayManageMFA, " who may manage MFA"). If you accept:</p>
      <ul class="hint">\(invitation.allows.map { "<li>\($0)</li>" })</ul></div>
      \(join.html(Submit(id: "accept-invitation-\(id)", label: "Accept")))
      \(decline.html(Submit(id: "decline-invitation-\(id)", label: "Decline", weight: .quiet)))</li>
      """
  }
}
