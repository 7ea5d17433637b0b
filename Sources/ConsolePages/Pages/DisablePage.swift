import HTTPServer
import RelyingParty

/// Disable MFA: type DISABLE; or learn which Organizations keep it on.
enum DisablePage {
  static func show(_ visit: Visit) throws -> HTTPResponse {
    let session = try visit.signedIn()
    guard try visit.party.mfaStatus(session).isOn else { return visit.go(to: "/profile") }
    guard try visit.party.isFresh(session) else {
      return visit.go(to: "/confirm?then=/mfa/disable")
    }
    return try page(visit)
  }

  static func disable(_ visit: Visit) throws -> HTTPResponse {
    try visit.attempt {
      let session = try visit.signedIn()
      visit.sign(in: try visit.party.disable(session, typed: visit["confirmation"]))
      return visit.go(to: "/profile", .mfaDisabled)
    } refused: {
      try page(visit, $0)
    }
  }

  private static func page(_ visit: Visit, _ problem: Problem? = nil) throws -> HTTPResponse {
    let enforcers = try visit.party.mfaStatus(visit.signedIn()).enforcedBy
    return try Page(
      title: "Disable MFA", place: .profile, problem: problem, isNarrow: true,
      content: enforcers.isEmpty ? try form(visit, problem) : try refused(visit, enforcers)
    ).response(to: visit)
  }

  private static func form(_ visit: Visit, _ problem: Problem?) throws -> HTML {
    let form = Form(id: "disable-form", action: "/mfa/disable", token: try visit.token())
    let confirmation = Field(
      name: "confirmation", label: "Type \(RelyingParty.disableConfirmation) to confirm",
      value: visit["confirmation"], isFirst: true)
    return """
      <p>Your password alone will log you in. The key and the backup codes die now.</p>
      \(form.html("""
      \(confirmation.html(problem))
      <div class="actions">\(Submit(id: "disable-mfa-now", label: "Disable MFA", weight: .danger).html)
      <a id="keep-mfa" class="button quiet" href="/profile">Keep it on</a></div>
      """))
      """
  }

  private static func refused(_ visit: Visit, _ enforcers: [Organization]) throws -> HTML {
    """
    <p>MFA cannot be disabled while you belong to an Organization that enforces it:</p>
    <ul id="enforcers">\(enforcers.map {
      """
      <li>\($0.name) · <a id="leave-organization-\($0.id.rawValue)" \
      href="/organizations/\($0.id.rawValue)">open it to leave</a></li>
      """
    })</ul>
    <p><a id="keep-mfa" href="/profile">To My Profile</a></p>
    """
  }
}
