import HTTPServer
import RelyingParty

/// A whole page: its title and content in the frame that all pages share.
struct Page {
  let title: String
  /// Where in the navigation it is; nil for the pages before the login.
  var place: Place?
  var problem: Problem?
  var notice: Notice?
  /// Whether it is narrow, as the pages are that ask for one thing.
  var isNarrow = false
  let content: HTML

  /// The entries of the navigation.
  enum Place: String, CaseIterable {
    case profile, organizations, sessions, history, cases

    var path: String { "/\(rawValue)" }

    var label: String {
      switch self {
      case .profile: "My Profile"
      case .organizations: "Organizations"
      case .sessions: "Sessions"
      case .history: "Audit log"
      case .cases: "Recovery cases"
      }
    }
  }

  func response(to visit: Visit) throws -> HTTPResponse {
    let markup = try html(for: visit)
    var response = HTTPResponse(
      status: problem?.status ?? 200, type: "text/html; charset=utf-8",
      body: Array(markup.text.utf8))
    if let wait = problem?.wait { response.set("Retry-After", "\(wait)") }
    return response
  }

  /// The same without what a menu takes: for a page that has to be shown though the database does not
  /// answer.
  var withoutMenu: HTTPResponse {
    let markup = Self.frame(
      title: title, "<main id=\"main\"><h1 id=\"page-title\">\(title)</h1>\(content)</main>")
    return HTTPResponse(type: "text/html; charset=utf-8", body: Array(markup.text.utf8))
  }

  private func html(for visit: Visit) throws -> HTML {
    let notice = notice ?? visit.request.query["done"].flatMap(Notice.init(rawValue:))
    return Self.frame(
      title: title, isWide: visit.site.panel != nil,
      """
      <a class="skip" href="#main">Skip to the content</a>
      <header class="site-header">\(Self.wordmark)\(try navigation(visit))</header>
      <div class="columns">
      <main id="main"\(if: isNarrow, " class=\"narrow\"")>
      <h1 id="page-title">\(title)</h1>
      \(try alerts(visit))
      \(problem, Self.banner)
      \(problem == nil ? notice : nil, Self.banner)
      \(content)
      </main>
      \(if: visit.site.panel != nil, Self.panel)
      </div>
      <footer class="site-footer"><p>Watchfob Console · times are in UTC</p></footer>
      """)
  }

  /// The document around a body.
  static func frame(title: String, isWide: Bool = false, _ body: HTML) -> HTML {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(title) · Watchfob Console</title>
    <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/assets/console.css">
    <script src="/assets/console.js" defer></script>
    </head>
    <body\(if: isWide, " class=\"with-panel\"")>
    \(body)
    </body>
    </html>

    """
  }

  private static let wordmark: HTML = """
    <a class="wordmark" id="home" href="/"><svg viewBox="0 0 24 24" width="24" height="24" \
    aria-hidden="true"><circle cx="12" cy="14" r="8" fill="none" stroke="currentColor" \
    stroke-width="2"/><path d="M12 9.5V14l3 2M12 6V3M10 2h4" fill="none" stroke="currentColor" \
    stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>watchfob</a>
    """

  private static let panel: HTML = """
    <aside aria-label="Simulated token"><iframe id="token-panel" title="Simulated token" \
    src="/token"></iframe></aside>
    """

  private func navigation(_ visit: Visit) throws -> HTML {
    guard let session = visit.session else { return "" }
    let account = try visit.party.account(session)
    let isConfined = try visit.party.mayOnlyEnable(session)
    var places: [Place] = []
    if !isConfined {
      // Recovery cases are shown to those who may have some to judge.
      let isJudge = try visit.party.isJudge(session)
      places = Place.allCases.filter { $0 != .cases || isJudge }
    }
    let signOut = Form(
      id: "sign-out-form", action: "/logout", token: try visit.token(), isInline: true)
    return """
      <nav aria-label="Console"><ul>
      \(places.map { entry($0) })
      </ul></nav>
      <div class="who"><span class="who-email">\(account.email)</span>
      \(signOut.html(Submit(id: "sign-out", label: "Sign out", weight: .quiet)))</div>
      """
  }

  /// What every page of a session says: a case that could turn MFA off, and a date from which MFA is
  /// required.
  private func alerts(_ visit: Visit) throws -> HTML {
    guard let session = visit.session else { return "" }
    let pending = try visit.party.pendingRecovery(session).map { try recoveryAlert(visit, $0) }
    let status = try visit.party.mfaStatus(session)
    let announced = status.isOn || !status.confinedBy.isEmpty ? [] : status.enforcedBy
    return """
      \(pending ?? "")
      \(if: !announced.isEmpty, """
      <div id="enforcement-notice" class="banner" role="status"><p>\(announced.map {
        "<strong>\($0.name)</strong> requires MFA from \(TimeText.html($0.enforcedFrom!)). "
      })Enable MFA on <a id="enable-before-date" href="/profile">My Profile</a> before then.</p></div>
      """)
      """
  }

  private func recoveryAlert(_ visit: Visit, _ pending: RecoveryNotice) throws -> HTML {
    let form = Form(
      id: "disown-form", action: "/recovery/disown", token: try visit.token(), isInline: true)
    return """
      <div id="recovery-warning" class="banner bad" role="alert"><p><strong>A recovery case \
      \(pending.effective == nil ? "is open" : "is approved") for your account.</strong> \
      \(pending.effective, { "It turns MFA off at the next login after \(TimeText.html($0)). " })\
      If you did not ask for it, \
      \(if: pending.isByHand, "somebody wrote to the support team in your name: stop it.",
        else: "somebody knows your password: stop it and change the password.")</p>
      \(form.html(Submit(id: "stop-recovery", label: "Stop it", weight: .danger)))</div>
      """
  }

  private func entry(_ place: Place) -> HTML {
    """
    <li><a id="nav-\(place.rawValue)" href="\(place.path)"\
    \(if: place == self.place, " aria-current=\"page\"")>\(place.label)</a></li>
    """
  }

  private static func banner(_ problem: Problem) -> HTML {
    """
    <div id="problem" class="banner bad" role="alert"><p><strong>\(problem.cause)</strong> \
    \(problem.wayOut)</p>\
    \(problem.wait, { "<p>Seconds left: <span data-countdown>\($0)</span></p>" })</div>
    """
  }

  private static func banner(_ notice: Notice) -> HTML {
    "<div id=\"notice\" class=\"banner good\" role=\"status\"><p>\(notice.sentence)</p></div>"
  }
}
