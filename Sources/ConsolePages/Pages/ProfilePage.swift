import HTTPServer
import RelyingParty

/// My Profile: who one is, and how MFA stands.
enum ProfilePage {
  static func show(_ visit: Visit) throws -> HTTPResponse {
    let session = try visit.signedIn()
    let status = try visit.party.mfaStatus(session)
    if try visit.party.mayOnlyEnable(session) { return try confined(visit, status) }
    let account = try visit.party.account(session)
    let actions = try status.isOn ? onActions(visit, status) : offActions(visit)
    return try Page(
      title: "My Profile", place: .profile,
      content: """
        \(try recoveryNotice(visit, session, status))
        <section class="card" aria-labelledby="account-title">
        <h2 id="account-title">Account</h2>
        <dl class="facts"><dt>E-mail address</dt><dd id="account-email">\(account.email)</dd>
        <dt>Since</dt><dd>\(TimeText.html(account.created))</dd>
        \(if: account.isOperator, "<dt>Duty</dt><dd id=\"is-operator\">Support operator</dd>")</dl>
        <div class="actions"><a id="change-password" class="button quiet" href="/password">\
        Change password</a></div>
        </section>
        <section class="card" aria-labelledby="mfa-title">
        <h2 id="mfa-title">Multi-factor authentication (MFA)</h2>
        \(state(status))
        \(actions)
        </section>
        """
    ).response(to: visit)
  }

  static func signOut(_ visit: Visit) throws -> HTTPResponse {
    try visit.party.signOut(visit.signedIn())
    visit.forgetSession()
    visit.forgetTicket()
    return visit.go(to: "/login", .signedOut)
  }

  private static func state(_ status: MFAStatus) -> HTML {
    """
    <dl class="facts"><dt>State</dt><dd><span id="mfa-state" \
    class="\(status.isOn ? "badge on" : "badge off")">\(status.isOn ? "On" : "Off")</span></dd>
    \(status.backupCodesLeft, {
      "<dt>Backup codes left</dt><dd id=\"backup-codes-left\">\($0)</dd>"
    })
    \(if: !status.enforcedBy.isEmpty, """
    <dt>Required by</dt><dd><ul id="enforcers" class="plain">\(status.enforcedBy.map {
      "<li>\($0.name)\(status.isOn ? nil : $0.enforcedFrom, { " from \(TimeText.html($0))" })</li>"
    })</ul></dd>
    """)</dl>
    """
  }

  private static func offActions(_ visit: Visit) throws -> HTML {
    let form = Form(id: "enable-mfa-form", action: "/mfa/enable", token: try visit.token())
    return """
      <p>With MFA a login takes your password and a code from your token.</p>
      <div class="actions">\(form.html(Submit(id: "enable-mfa", label: "Enable MFA")))</div>
      """
  }

  private static func onActions(_ visit: Visit, _ status: MFAStatus) throws -> HTML {
    let update = Form(id: "update-mfa-form", action: "/mfa/update", token: try visit.token())
    let mayUpdate = status.updateForbiddenBy.isEmpty
    return """
      \(if: !mayUpdate, """
      <p>To update MFA you need the permission to manage MFA in:</p>
      <ul id="update-forbidders">\(status.updateForbiddenBy.map { "<li>\($0.name)</li>" })</ul>
      """)
      <div class="actions">
      \(if: mayUpdate, update.html(Submit(id: "update-mfa", label: "Update MFA")))
      <a id="disable-mfa" class="button danger" href="/mfa/disable">Disable MFA</a>
      </div>
      """
  }

  /// For one whom an Organization led here.
  private static func confined(_ visit: Visit, _ status: MFAStatus) throws -> HTTPResponse {
    try Page(
      title: "Enable MFA to go on", isNarrow: true,
      content: """
        <p>These Organizations of yours require MFA, and yours is off:</p>
        <ul id="enforcers">\(status.confinedBy.map { "<li>\($0.name)</li>" })</ul>
        \(try offActions(visit))
        """
    ).response(to: visit)
  }

  /// For one who came back by a recovery case.
  private static func recoveryNotice(
    _ visit: Visit, _ session: Session, _ status: MFAStatus
  ) throws -> HTML {
    guard !status.isOn, try visit.party.recoveryCase(session)?.state == .carriedOut else {
      return ""
    }
    return """
      <div id="recovery-notice" class="banner good" role="status"><p>Your recovery case was \
      approved, and MFA was turned off. Enable it again with a new token.</p></div>
      """
  }
}
