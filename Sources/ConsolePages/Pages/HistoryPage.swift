import HTTPServer
import RelyingParty

/// The audit log: of one's own account, of an Organization for its Owners, of everything for support
/// operators.
enum HistoryPage {
  static func show(_ visit: Visit) throws -> HTTPResponse {
    let session = try visit.signedIn()
    let link: HTML =
      try visit.party.account(session).isOperator
      ? "<p><a id=\"whole-audit-log\" href=\"/audit\">The whole audit log</a></p>" : ""
    return try page(visit, "Audit log", visit.party.history(session), link)
  }

  static func ofOrganization(_ visit: Visit) throws -> HTTPResponse {
    let id = try visit.argument(0, Organization.ID.init(parsing:))
    let session = try visit.signedIn()
    let organization = try visit.party.organization(id, session)
    return try page(
      visit, "Audit log of \(organization.name)", visit.party.history(of: id, session))
  }

  static func ofAll(_ visit: Visit) throws -> HTTPResponse {
    try page(visit, "The whole audit log", visit.party.auditLog(visit.signedIn()))
  }

  private static func page(
    _ visit: Visit, _ title: String, _ entries: [AuditEntry], _ link: HTML = ""
  ) throws -> HTTPResponse {
    let people = entries.compactMap(\.actor) + entries.compactMap(\.subject)
    let names = try visit.party.names(of: people, visit.signedIn())
    func name(_ id: Account.ID?) -> String {
      guard let id else { return "nobody signed in" }
      return names[id] ?? "account \(id.rawValue)"
    }
    return try Page(
      title: title, place: .history,
      content: """
        \(link)
        <section class="card"><div class="scroll"><table id="history">
        <thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Account</th>\
        <th scope="col">By</th></tr></thead>
        <tbody>\(entries.reversed().map { entry in
          """
          <tr><td>\(TimeText.html(entry.at))</td><td>\(entry.event.title)\
          \(entry.detail, { " <span class=\"hint\">\($0)</span>" })</td>
          <td>\(entry.subject == nil ? "" : name(entry.subject))</td><td>\(name(entry.actor))</td></tr>
          """ as HTML
        })</tbody></table></div></section>
        """
    ).response(to: visit)
  }
}
