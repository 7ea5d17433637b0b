import HTTPServer
import RelyingParty

/// The console: it answers every request, with a page, with JSON, or with one of its own files.
public struct Console: Sendable {
  /// How long a browser that came over TLS takes nothing else: a year.
  private static let secondsOfTLS = 365 * 86_400

  let pool: PartyPool
  let site: Site

  public init(pool: PartyPool, site: Site = Site()) {
    self.pool = pool
    self.site = site
  }

  /// Answers a request; on any thread.
  public func answer(_ request: HTTPRequest) -> HTTPResponse {
    var response = routed(request)
    harden(&response, isPanel: request.path.hasPrefix("/token"))
    if request.method == "HEAD" { response.body = [] }
    return response
  }

  /// Answers a request that the server itself refused.
  public func answer(_ fault: HTTPFault, path: String) -> HTTPResponse {
    var response =
      path.hasPrefix(API.root)
      ? API.problem(Problem(status: fault.status, cause: fault.sentence), slug: "unreadable")
      : Self.plainPage(
        Problem(
          status: fault.status, cause: fault.sentence,
          wayOut: "Nothing was changed. Go back and try again."))
    harden(&response, isPanel: false)
    return response
  }

  private func routed(_ request: HTTPRequest) -> HTTPResponse {
    guard site.isOwn(host: request.headers["host"]) else {
      return answer(.wrongHost, path: request.path)
    }
    if let file = Assets.response(to: request) { return file }
    if let panel = site.panel, request.path == "/token" || request.path.hasPrefix("/token/") {
      return panel.answer(request, isOwn: site.isOwn(request))
    }
    if let document = API.document(request) { return document }
    do {
      return try pool.lend { party in
        request.path.hasPrefix(API.root)
          ? API(party: party).answer(request)
          : try page(request, party)
      }
    } catch {
      // No connection to the database, or no page about that: whoever runs the console is told.
      let problem = Self.problem(error)
      return request.path.hasPrefix(API.root)
        ? API.problem(problem, slug: (error as? Refusal)?.slug ?? "internal")
        : Self.plainPage(problem)
    }
  }

  // MARK: Pages

  private func page(_ request: HTTPRequest, _ party: RelyingParty) throws -> HTTPResponse {
    let visit = try Visit(request, party: party, site: site)
    return visit.finished(try answered(visit))
  }

  private func answered(_ visit: Visit) throws -> HTTPResponse {
    do {
      guard let (route, arguments) = Routes.find(visit.request) else {
        guard let allowed = Routes.methods(at: visit.request.path) else { throw NotFound() }
        var response = try errorPage(
          visit, Problem(status: 405, cause: "This page cannot be asked for in this way."))
        response.set("Allow", allowed.joined(separator: ", "))
        return response
      }
      visit.arguments = arguments
      if let session = visit.session, !route.isOpenBeforeMFA,
        try visit.party.mayOnlyEnable(session)
      {
        return visit.go(to: "/profile")
      }
      if visit.request.method == "POST" {
        guard site.isOwn(visit.request) else { throw ExpiredPage() }
        try visit.checkToken(route.owner)
      }
      return try route.answer(visit)
    } catch let refusal as Refusal {
      return try answer(refusal, visit)
    } catch is NotFound {
      return try errorPage(
        visit,
        Problem(
          status: 404, cause: "There is no such page.",
          wayOut: "It may be gone, or it is not yours to see."))
    } catch is ExpiredPage {
      return try expiredPage(visit)
    }
  }

  /// A refusal that the page itself had no answer to.
  private func answer(_ refusal: Refusal, _ visit: Visit) throws -> HTTPResponse {
    switch refusal {
    case .sessionEnded:
      visit.forgetSession()
      return visit.go(to: "/login", visit.request.path == "/" ? nil : .sessionEnded)
    case .ticketEnded:
      visit.forgetTicket()
      return visit.go(to: "/login", .loginEnded)
    case .mustEnableFirst: return visit.go(to: "/profile")
    case .reauthenticationNeeded:
      return visit.go(to: "/confirm?then=\(Self.page(of: visit.request))")
    default:
      let problem = Self.problem(refusal, wasSaved: visit.party.hasChanged)
      guard refusal.isInternal else { return try errorPage(visit, problem) }
      // Without a question to the database, which might not answer that either.
      return Self.plainPage(problem)
    }
  }

  /// Where to go on after a confirmation: a form's page rather than the form.
  private static func page(of request: HTTPRequest) -> String {
    if request.method == "GET" { return request.path }
    let words = request.path.split(separator: "/")
    switch words.first {
    case "organizations", "cases":
      // Joining is done on the list; the rest on the page of the one Organization or case.
      let isOnList = words.last == "join" || words.count < 2
      return "/" + words.prefix(isOnList ? 1 : 2).joined(separator: "/")
    default: return "/profile"
    }
  }

  private func errorPage(_ visit: Visit, _ problem: Problem) throws -> HTTPResponse {
    try Page(
      title: problem.status == 404 ? "Not found" : "That did not work", problem: problem,
      isNarrow: true,
      content: "<p><a id=\"go-home\" href=\"/\">To the start</a></p>"
    ).response(to: visit)
  }

  /// A form that is too old. What was typed into it is shown, for it to be copied; not passwords.
  private func expiredPage(_ visit: Visit) throws -> HTTPResponse {
    let typed = visit.request.form.fields
      .filter { !$0.key.contains("password") && $0.key != "form-token" && $0.key != "code" }
      .filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
    let problem = Problem(
      status: 403, cause: "This page was too old, or not from here.",
      wayOut: "Nothing was changed. Open it again and send it from there; the browser has to take "
        + "cookies.")
    return try Page(
      title: "Open the page again", problem: problem, isNarrow: true,
      content: """
        \(if: !typed.isEmpty, """
        <p>What you had typed:</p>
        <dl id="typed">\(typed.map { "<dt>\($0.key)</dt><dd>\($0.value)</dd>" })</dl>
        """)
        <p><a id="go-home" href="/">To the start</a></p>
        """
    ).response(to: visit)
  }

  // MARK: Without a visit

  /// What a page says of an error; of the machine's own, only what it means for the person.
  /// - Parameter wasSaved: whether the request had changed something before.
  static func problem(_ error: any Error, wasSaved: Bool = false) -> Problem {
    guard let refusal = error as? Refusal, !refusal.isInternal else {
      report(error)
      return internalProblem(error as? Refusal, wasSaved: wasSaved)
    }
    return Problem(refusal)
  }

  private static func internalProblem(_ refusal: Refusal?, wasSaved: Bool) -> Problem {
    let status = refusal?.status ?? 500
    if wasSaved {
      return Problem(
        status: status, cause: "Your change was saved, but its result cannot be shown.",
        wayOut: "Open the page again in a few seconds. Do not repeat the change.")
    }
    switch refusal {
    case .storage(.outcomeUnknown):
      return Problem(
        status: status,
        cause: "The database stopped answering while your change was being saved. It may have been "
          + "saved.",
        wayOut:
          "In a few seconds, open My Profile and the audit log, and see whether it was. If MFA "
          + "is on and you have no backup codes, choose Update MFA.")
    case .storage(.layoutChanged):
      return Problem(
        status: status,
        cause: "The console was updated on another machine, and not yet on this one.",
        wayOut: "Nothing was changed. Tell whoever runs the console to restart it, and try again.")
    case .storage(let failure) where status == 503:
      let cause =
        switch failure {
        case .busy, .collided: "The console is too busy at the moment."
        case .readOnly, .full: "The console cannot save anything at the moment."
        default: "The console's database does not answer at the moment."
        }
      return Problem(
        status: status, cause: cause, wayOut: "Nothing was changed. Try again in a few seconds.")
    default:
      return Problem(
        status: status, cause: "Something went wrong on the server.",
        wayOut: "Look at how things stand before you try again.")
    }
  }

  private static func plainPage(_ problem: Problem) -> HTTPResponse {
    let markup = Page.frame(
      title: "That did not work",
      """
      <main id="main" class="narrow"><h1 id="page-title">That did not work</h1>
      <div id="problem" class="banner bad" role="alert"><p><strong>\(problem.cause)</strong> \
      \(problem.wayOut)</p></div>
      <p><a id="go-home" href="/">To the start</a></p></main>
      """)
    var response = HTTPResponse(
      status: problem.status, type: "text/html; charset=utf-8", body: Array(markup.text.utf8))
    if let pause = problem.pause { response.set("Retry-After", "\(pause)") }
    return response
  }

  /// What every answer carries, so that a browser does with it what is meant and nothing else.
  private func harden(_ response: inout HTTPResponse, isPanel: Bool) {
    let framing = isPanel ? "'self'" : "'none'"
    response.set(
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors \(framing)")
    response.set("X-Content-Type-Options", "nosniff")
    response.set("Referrer-Policy", "same-origin")
    response.set("Cross-Origin-Opener-Policy", "same-origin")
    response.set("Cross-Origin-Resource-Policy", "same-origin")
    response.set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if site.isSecure {
      response.set("Strict-Transport-Security", "max-age=\(Self.secondsOfTLS)")
    }
    if response.header("Cache-Control") == nil { response.set("Cache-Control", "no-store") }
  }
}
