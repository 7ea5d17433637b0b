import HTTPServer

/// Sign up: an e-mail address and a password.
enum SignUpPage {
  static func show(_ visit: Visit) throws -> HTTPResponse {
    if visit.session != nil { return visit.go(to: "/profile") }
    return try page(visit)
  }

  static func signUp(_ visit: Visit) throws -> HTTPResponse {
    try visit.attempt {
      try visit.party.signUp(
        email: visit["email"], password: visit["password"], from: visit.client)
      return visit.go(to: "/login", .signedUp)
    } refused: {
      try page(visit, $0)
    }
  }

  private static func page(_ visit: Visit, _ problem: Problem? = nil) throws -> HTTPResponse {
    let form = Form(id: "signup-form", action: "/signup", token: try visit.token(.browser))
    let password = Field(
      name: "password", label: "Password", kind: .password,
      hint:
        "At least \(visit.party.policy.shortestPassword) characters. Spaces are fine, and a few "
        + "words in a row make a good one.",
      autocomplete: "new-password")
    return try Page(
      title: "Sign up", problem: problem, isNarrow: true,
      content: """
        \(form.html("""
        \(Field.account(visit, problem).html(problem))
        \(password.html(problem))
        <div class="actions">\(Submit(id: "sign-up", label: "Sign up").html)</div>
        """))
        <p class="aside">You have an account? <a id="to-login" href="/login">Log in</a></p>
        """
    ).response(to: visit)
  }
}
