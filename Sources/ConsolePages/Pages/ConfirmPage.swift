import HTTPServer

/// Proving anew who sits there, before anything changes how one logs in.
enum ConfirmPage {
  /// Where it may lead afterwards; an address cannot name any other place.
  private static let destinations = [
    "/profile", "/password", "/mfa/key", "/mfa/disable", "/organizations", "/cases",
  ]

  static func show(_ visit: Visit) throws -> HTTPResponse {
    try page(visit, then: visit.request.query["then"])
  }

  static func confirm(_ visit: Visit) throws -> HTTPResponse {
    try visit.attempt {
      let code = visit["code"]
      let session = try visit.party.reauthenticate(
        visit.signedIn(), password: visit["password"], code: code.isEmpty ? nil : code,
        from: visit.client)
      visit.sign(in: session)
      return visit.go(to: destination(visit["then"]), .confirmed)
    } refused: {
      try page(visit, then: visit["then"], $0)
    }
  }

  private static func destination(_ asked: String?) -> String {
    asked.flatMap { destinations.contains($0) || isNumbered($0) ? $0 : nil } ?? "/profile"
  }

  /// The page of an Organization, a member's MFA or a case: words of ours, and numbers.
  private static func isNumbered(_ path: String) -> Bool {
    let patterns = ["/organizations/:", "/organizations/:/members/:/mfa", "/cases/:"]
    let numbers = path.split(separator: "/").map { UInt32($0) == nil ? String($0) : ":" }
    return path.hasPrefix("/") && !path.hasPrefix("//")
      && patterns.contains("/" + numbers.joined(separator: "/"))
  }

  private static func page(
    _ visit: Visit, then: String?, _ problem: Problem? = nil
  ) throws -> HTTPResponse {
    let status = try visit.party.mfaStatus(visit.signedIn())
    let form = Form(
      id: "confirm-form", action: "/confirm", token: try visit.token(),
      hidden: [("then", destination(then))])
    let password = Field(
      name: "password", label: "Password", kind: .password, autocomplete: "current-password",
      isFirst: problem == nil)
    let code = Field(
      name: "code", label: "Code", hint: "From your token, or a backup code.",
      autocomplete: "one-time-code", isCode: true)
    return try Page(
      title: "Confirm that it is you", problem: problem, isNarrow: true,
      content: """
        <p>You logged in a while ago. What comes next changes how you or others log in.</p>
        \(form.html("""
        \(password.html(problem))
        \(if: status.isOn, code.html(problem))
        <div class="actions">\(Submit(id: "confirm-identity", label: "Confirm").html)
        <a id="cancel-confirm" class="button quiet" href="/profile">Cancel</a></div>
        """))
        """
    ).response(to: visit)
  }
}
