import HTTPServer

/// Change password, for one who has just proved who they are.
enum PasswordPage {
  static func show(_ visit: Visit) throws -> HTTPResponse {
    let session = try visit.signedIn()
    if try visit.party.mayOnlyEnable(session) { return visit.go(to: "/profile") }
    guard try visit.party.isFresh(session) else { return visit.go(to: "/confirm?then=/password") }
    return try page(visit)
  }

  static func change(_ visit: Visit) throws -> HTTPResponse {
    try visit.attempt {
      let session = try visit.party.changePassword(visit.signedIn(), to: visit["new-password"])
      visit.sign(in: session)
      return visit.go(to: "/profile", .passwordChanged)
    } refused: { problem in
      var problem = problem
      problem.field = "new-password"
      return try page(visit, problem)
    }
  }

  private static func page(_ visit: Visit, _ problem: Problem? = nil) throws -> HTTPResponse {
    let form = Form(id: "password-form", action: "/password", token: try visit.token())
    let password = Field(
      name: "new-password", label: "New password", kind: .password,
      hint: "At least \(visit.party.policy.shortestPassword) characters. Your other sessions end.",
      autocomplete: "new-password", isFirst: true)
    return try Page(
      title: "Change password", place: .profile, problem: problem, isNarrow: true,
      content: form.html(
        """
        \(password.html(problem))
        <div class="actions">\(Submit(id: "save-password", label: "Change password").html)
        <a id="keep-password" class="button quiet" href="/profile">Cancel</a></div>
        """)
    ).response(to: visit)
  }
}
