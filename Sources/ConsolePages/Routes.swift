import HTTPServer
import RelyingParty

/// One page or form: how it is asked for, and what answers.
struct Route: Sendable {
  let method: String
  /// Words of the path; `:` stands for any one word.
  let path: [Substring]
  /// Whose token its form carries.
  let owner: Visit.FormOwner
  let answer: @Sendable (Visit) throws -> HTTPResponse

  static func page(
    _ path: StaticString, _ answer: @escaping @Sendable (Visit) throws -> HTTPResponse
  ) -> Route {
    Route(method: "GET", path: words(path.description), owner: .browser, answer: answer)
  }

  /// A form of one who is signed in.
  static func form(
    _ path: StaticString, _ answer: @escaping @Sendable (Visit) throws -> HTTPResponse
  ) -> Route {
    form(path, .session, answer)
  }

  static func form(
    _ path: StaticString, _ owner: Visit.FormOwner,
    _ answer: @escaping @Sendable (Visit) throws -> HTTPResponse
  ) -> Route {
    Route(method: "POST", path: words(path.description), owner: owner, answer: answer)
  }

  static func words(_ path: String) -> [Substring] { path.split(separator: "/") }

  /// Whether it is there for one whom an Organization led to Enable MFA. The relying party keeps such
  /// a session from everything else; this only leads it back.
  var isOpenBeforeMFA: Bool {
    ["profile", "mfa", "confirm", "login", "signup", "logout", "recovery"]
      .contains(path.first ?? "profile")
  }

  /// What the place-holders stand for; nil if it is another path.
  func arguments(in words: [Substring]) -> [String]? {
    guard words.count == path.count else { return nil }
    var found: [String] = []
    for (own, word) in zip(path, words) {
      if own == ":" {
        found.append(String(word))
      } else if own != word {
        return nil
      }
    }
    return found
  }
}

/// All pages and forms of the console.
enum Routes {
  static let all: [Route] = [
    .page("/") { visit in visit.go(to: visit.session == nil ? "/login" : "/profile") },

    .page("/signup", SignUpPage.show), .form("/signup", .browser, SignUpPage.signUp),
    .page("/login", LoginPage.show), .form("/login", .browser, LoginPage.logIn),
    .page("/login/code", CodePage.show), .form("/login/code", .ticket, CodePage.enter),
    .form("/login/cancel", .ticket, CodePage.cancel),
    .form("/logout", ProfilePage.signOut),

    .page("/profile", ProfilePage.show),
    .page("/password", PasswordPage.show), .form("/password", PasswordPage.change),
    .page("/confirm", ConfirmPage.show), .form("/confirm", ConfirmPage.confirm),

    .form("/mfa/enable", KeyPage.enable), .form("/mfa/update", KeyPage.update),
    .page("/mfa/key", KeyPage.show), .form("/mfa/key", KeyPage.activate),
    .page("/mfa/key.png", KeyPage.picture),
    .form("/mfa/cancel", KeyPage.abandon),
    .page("/mfa/disable", DisablePage.show), .form("/mfa/disable", DisablePage.disable),

    .page("/organizations", OrganizationsPage.show),
    .form("/organizations", OrganizationsPage.create),
    .page("/organizations/:", OrganizationPage.show),
    .page("/organizations/:/history", HistoryPage.ofOrganization),
    .form("/organizations/:/join", OrganizationsPage.join),
    .form("/organizations/:/decline", OrganizationsPage.decline),
    .form("/organizations/:/invite", OrganizationPage.invite),
    .form("/organizations/:/withdraw", OrganizationPage.withdraw),
    .form("/organizations/:/leave", OrganizationPage.leave),
    .form("/organizations/:/dissolve", OrganizationPage.dissolve),
    .form("/organizations/:/enforcement", OrganizationPage.setEnforcement),
    .form("/organizations/:/members/:/role", OrganizationPage.setRole),
    .form("/organizations/:/members/:/permission", OrganizationPage.setPermission),
    .form("/organizations/:/members/:/remove", OrganizationPage.remove),
    .page("/organizations/:/members/:/mfa", MemberResetPage.show),
    .form("/organizations/:/members/:/mfa", MemberResetPage.reset),

    .page("/sessions", SessionsPage.show),
    .form("/sessions/others/revoke", SessionsPage.revokeOthers),
    .form("/sessions/:/revoke", SessionsPage.revoke),
    .page("/history", HistoryPage.show), .page("/audit", HistoryPage.ofAll),

    .page("/recovery", RecoveryPage.show),
    .form("/recovery/open", .ticket, RecoveryPage.open),
    .form("/recovery/items/:", .ticket, RecoveryPage.handIn),
    .form("/recovery/submit", .ticket, RecoveryPage.submit),
    .form("/recovery/withdraw", .ticket, RecoveryPage.withdraw),
    .form("/recovery/disown", RecoveryPage.disown),
    .page("/cases", CasesPage.show), .form("/cases", CasesPage.open),
    .page("/cases/:", CasePage.show),
    .page("/cases/:/documents/:", CasePage.document),
    .form("/cases/:/items/:", CasePage.handIn), .form("/cases/:/submit", CasePage.submit),
    .form("/cases/:/approve", CasePage.approve), .form("/cases/:/refuse", CasePage.refuse),
  ]

  static func find(_ request: HTTPRequest) -> (Route, [String])? {
    let words = Route.words(request.path)
    let method = request.method == "HEAD" ? "GET" : request.method
    for route in all where route.method == method {
      if let arguments = route.arguments(in: words) { return (route, arguments) }
    }
    return nil
  }

  /// How a path can be asked for; nil if it is none of the console's.
  static func methods(at path: String) -> [String]? {
    let words = Route.words(path)
    let methods = all.filter { $0.arguments(in: words) != nil }.map(\.method)
    return methods.isEmpty ? nil : methods
  }
}

extension Visit {
  /// Answers with `work`, or, if it is refused for a reason that the page can show, with the page.
  func attempt(
    _ work: () throws -> HTTPResponse, refused page: (Problem) throws -> HTTPResponse
  ) throws -> HTTPResponse {
    do {
      return try work()
    } catch let refusal as Refusal where !refusal.leadsElsewhere {
      return try page(Problem(refusal))
    }
  }
}
