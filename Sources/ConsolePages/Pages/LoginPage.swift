import HTTPServer
import RelyingParty

/// Log in, first step: the password.
enum LoginPage {
  static func show(_ visit: Visit) throws -> HTTPResponse {
    if visit.session != nil { return visit.go(to: "/profile") }
    return try page(visit)
  }

  static func logIn(_ visit: Visit) throws -> HTTPResponse {
    try visit.attempt {
      let step = try visit.party.logIn(
        email: visit["email"], password: visit["password"], from: visit.client)
      // Whoever was signed in at this browser is so no longer.
      if let session = visit.session { try? visit.party.signOut(session) }
      switch step {
      case .signedIn(let signIn):
        visit.sign(in: signIn.session)
        return visit.go(to: "/profile")
      case .codeNeeded(let ticket):
        visit.forgetSession()
        visit.wait(ticket)
        return visit.go(to: "/login/code")
      case .enableNeeded(let session, _):
        visit.sign(in: session)
        return visit.go(to: "/profile")
      }
    } refused: {
      try page(visit, $0)
    }
  }

  private static func page(_ visit: Visit, _ problem: Problem? = nil) throws -> HTTPResponse {
    let form = Form(id: "login-form", action: "/login", token: try visit.token(.browser))
    let password = Field(
      name: "password", label: "Password", kind: .password, autocomplete: "current-password")
    return try Page(
      title: "Log in", problem: problem, isNarrow: true,
      content: """
        \(form.html("""
        \(Field.account(visit, problem).html(problem))
        \(password.html(problem))
        <div class="actions">\(Submit(id: "log-in", label: "Log in").html)</div>
        """))
        <p class="aside">No account yet? <a id="to-signup" href="/signup">Sign up</a></p>
        """
    ).response(to: visit)
  }
}
