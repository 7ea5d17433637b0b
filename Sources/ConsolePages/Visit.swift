import HTTPServer
import RelyingParty

/// One request on its way through the console: who asks, with what, and which cookies the answer
/// sets.
final class Visit {
  let request: HTTPRequest
  let party: RelyingParty
  let site: Site
  let client: Client
  /// What the path's place-holders stand for, in their order.
  var arguments: [String] = []
  /// The person who is signed in.
  private(set) var session: Session?
  /// The login that waits for its code.
  private(set) var ticket: LoginTicket?
  /// The random cookie that ties the forms before the login to this browser.
  private(set) var browser: String
  private var cookies: [(kind: Cookie, value: String, seconds: Int64?)] = []

  /// The console's cookies.
  enum Cookie: String {
    case session = "watchfob-session"
    case ticket = "watchfob-login"
    case browser = "watchfob-browser"
  }

  init(_ request: HTTPRequest, party: RelyingParty, site: Site) throws {
    self.request = request
    self.party = party
    self.site = site
    client = Client(address: request.address, agent: request.headers["user-agent"] ?? "")
    browser = ""
    session = try cookie(.session).flatMap { try resumed($0) }
    ticket = try cookie(.ticket).flatMap { try waiting($0) }
    if let cookie = cookie(.browser), (32...64).contains(cookie.utf8.count) {
      browser = cookie
    } else {
      browser = try party.browserCookie()
      set(.browser, browser)
    }
  }

  /// The session of a cookie; one that has ended is taken off the browser.
  private func resumed(_ cookie: String) throws -> Session? {
    do {
      return try party.resume(sessionCookie: cookie)
    } catch Refusal.sessionEnded {
      set(.session, "")
      return nil
    }
  }

  private func waiting(_ cookie: String) throws -> LoginTicket? {
    do {
      return try party.resume(ticketCookie: cookie)
    } catch Refusal.ticketEnded {
      set(.ticket, "")
      return nil
    }
  }

  /// A field of the form; empty if it is not there.
  subscript(name: String) -> String { request.form[name] }

  func argument<ID>(_ index: Int, _ parse: (String) -> ID?) throws -> ID {
    guard let id = parse(arguments[index]) else { throw NotFound() }
    return id
  }

  // MARK: Who asks

  func signedIn() throws(Refusal) -> Session {
    guard let session else { throw .sessionEnded }
    return session
  }

  func loggingIn() throws(Refusal) -> LoginTicket {
    guard let ticket else { throw .ticketEnded }
    return ticket
  }

  /// The session is there from now on, under this bearer. A login that waited is over.
  func sign(in session: Session) {
    self.session = session
    set(.session, session.cookie)
    forgetTicket()
  }

  /// The password was right; the code is next.
  func wait(_ ticket: LoginTicket) {
    self.ticket = ticket
    set(.ticket, ticket.cookie, seconds: party.policy.ticketLifetime.rawValue)
  }

  func forgetSession() {
    if cookie(.session) != nil || session != nil { set(.session, "") }
    session = nil
  }

  func forgetTicket() {
    if cookie(.ticket) != nil || ticket != nil { set(.ticket, "") }
    ticket = nil
  }

  // MARK: Forms

  /// Whose form it is; a form of one is good for nothing in the hands of another.
  enum FormOwner { case browser, ticket, session }

  /// The token that a form carries.
  func token(_ owner: FormOwner = .session) throws(Refusal) -> String {
    switch owner {
    case .browser: party.formToken(browser: browser)
    case .ticket: party.formToken(try loggingIn())
    case .session: party.formToken(try signedIn())
    }
  }

  /// Refuses a form that another site sent, or that is older than the session.
  func checkToken(_ owner: FormOwner) throws {
    let expected = try token(owner)
    guard RelyingParty.isFormToken(self["form-token"], expected) else { throw ExpiredPage() }
  }

  // MARK: The answer

  private func cookie(_ kind: Cookie) -> String? {
    request.cookies[site.cookiePrefix + kind.rawValue].flatMap { $0.isEmpty ? nil : $0 }
  }

  private func set(_ kind: Cookie, _ value: String, seconds: Int64? = nil) {
    cookies.removeAll { $0.kind == kind }
    cookies.append((kind, value, seconds))
  }

  /// The answer with the cookies that changed.
  func finished(_ response: HTTPResponse) -> HTTPResponse {
    var response = response
    for (kind, value, seconds) in cookies {
      response.setCookie(
        site.cookiePrefix + kind.rawValue, value, seconds: seconds, isSecure: site.isSecure)
    }
    return response
  }

  /// On to another page of the console, which says what was done, and there to the element with the
  /// id `place`.
  func go(to path: String, _ notice: Notice? = nil, at place: String? = nil) -> HTTPResponse {
    let done = notice.map { "?done=\($0.rawValue)" } ?? ""
    return HTTPResponse(seeOther: path + done + (place.map { "#\($0)" } ?? ""))
  }
}

/// There is no such page, or nothing of this number.
struct NotFound: Error {}

/// The form was made for another session, or by another site.
struct ExpiredPage: Error {}
