import HTTPServer
import RelyingParty

/// Where one is signed in, and the way to end it.
enum SessionsPage {
  static func show(_ visit: Visit) throws -> HTTPResponse {
    let session = try visit.signedIn()
    if try visit.party.mayOnlyEnable(session) { return visit.go(to: "/profile") }
    let sessions = try visit.party.sessions(session)
    let token = try visit.token()
    let others = Form(id: "revoke-others-form", action: "/sessions/others/revoke", token: token)
    return try Page(
      title: "Sessions", place: .sessions,
      content: """
        <section class="card"><div class="scroll"><table id="sessions">
        <thead><tr><th scope="col">Browser</th><th scope="col">Address</th>\
        <th scope="col">Signed in</th><th scope="col">Last used</th><th scope="col">End</th></tr></thead>
        <tbody>\(sessions.map { row($0, token) })</tbody></table></div>
        \(if: sessions.count > 1, others.html(
          Submit(id: "revoke-other-sessions", label: "End all others", weight: .danger)))
        </section>
        """
    ).response(to: visit)
  }

  static func revoke(_ visit: Visit) throws -> HTTPResponse {
    let id = try visit.argument(0, SessionEntry.ID.init(parsing:))
    do {
      try visit.party.revoke(id, visit.signedIn())
    } catch Refusal.noSuchSession {
      // It has ended meanwhile, which is what was wanted.
    }
    return visit.go(to: "/sessions", .revoked)
  }

  static func revokeOthers(_ visit: Visit) throws -> HTTPResponse {
    _ = try visit.party.revokeOthers(visit.signedIn())
    return visit.go(to: "/sessions", .othersRevoked)
  }

  private static func row(_ entry: SessionEntry, _ token: String) -> HTML {
    let id = entry.id.rawValue
    let form = Form(
      id: "revoke-form-\(id)", action: "/sessions/\(id)/revoke", token: token, isInline: true)
    return """
      <tr id="session-\(id)"\(if: entry.isCurrent, " class=\"current\"")>
      <td class="agent" title="\(entry.agent)">\(BrowserName.of(entry.agent))\
      \(if: entry.isCurrent, " <span class=\"badge on\">this one</span>")\
      \(if: entry.mayOnlyEnable, " <span class=\"badge off\">may only enable MFA</span>")</td>
      <td class="address">\(entry.address)</td><td>\(TimeText.html(entry.opened))</td>
      <td>\(TimeText.html(entry.lastUse))</td>
      <td>\(form.html(Submit(id: "revoke-session-\(id)", label: "End", weight: .quiet)))</td></tr>
      """
  }
}
