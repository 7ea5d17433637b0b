import HTTPServer

/// Log in, second step: the token's code, or a backup code in the same field.
enum CodePage {
  static func show(_ visit: Visit) throws -> HTTPResponse {
    if visit.ticket == nil && visit.session != nil { return visit.go(to: "/profile") }
    return try page(visit)
  }

  static func enter(_ visit: Visit) throws -> HTTPResponse {
    try visit.attempt {
      let signIn = try visit.party.logIn(visit.loggingIn(), code: visit["code"], from: visit.client)
      visit.sign(in: signIn.session)
      return visit.go(to: "/profile", signIn.means == .backupCode ? .usedBackupCode : nil)
    } refused: {
      try page(visit, $0)
    }
  }

  static func cancel(_ visit: Visit) throws -> HTTPResponse {
    try visit.party.cancel(visit.loggingIn())
    visit.forgetTicket()
    return visit.go(to: "/login", .loginCancelled)
  }

  private static func page(_ visit: Visit, _ problem: Problem? = nil) throws -> HTTPResponse {
    let ticket = try visit.loggingIn()
    let token = try visit.token(.ticket)
    let code = Field(
      name: "code", label: "Code",
      hint: "The \(ticket.digits) digits that your token shows now, or one of your backup codes.",
      autocomplete: "one-time-code", isCode: true, isFirst: true)
    let cancel = Form(id: "cancel-form", action: "/login/cancel", token: token, isInline: true)
    return try Page(
      title: "Enter your code", problem: problem, isNarrow: true,
      content: """
        \(Form(id: "code-form", action: "/login/code", token: token).html("""
        \(code.html(problem))
        <div class="actions">\(Submit(id: "submit-code", label: "Continue").html)</div>
        """))
        \(cancel.html(Submit(id: "cancel-login", label: "Cancel", weight: .quiet)))
        <p class="aside">Lost both the token and the backup codes? \
        <a id="to-recovery" href="/recovery">Regain access</a></p>
        """
    ).response(to: visit)
  }
}
