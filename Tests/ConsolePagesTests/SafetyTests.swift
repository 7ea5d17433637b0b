import HTTPServer
import RelyingParty
import Testing

@testable import ConsolePages

@Suite("What attackers and accidents send")
struct SafetyTests {
  let stage: Stage
  let ann: Browser

  init() throws {
    stage = try Stage()
    ann = Browser(stage)
    try ann.signUp("ann")
  }

  /// The cookie of the session.
  private func cookie(_ browser: Browser) -> String? {
    browser.cookies[Visit.Cookie.session.rawValue]
  }

  @Test("a form without its token, or with another session's, changes nothing")
  func formToken() throws {
    let eve = Browser(stage)
    try eve.signUp("eve")
    eve.get("/organizations")
    let foreign = try #require(eve.page.firstMatch(of: /name="form-token" value="([^"]*)"/)).1
    for token in ["", "0", String(foreign)] {
      ann.post("/organizations", ["name": "Planted & kept", "form-token": token])
      #expect(ann.status == 403)
      #expect(ann.text("typed")?.contains("Planted &amp; kept") == true, "nothing typed is lost")
    }
    ann.get("/organizations")
    #expect(!ann.page.contains("organization-1"))
  }

  @Test("a form from another origin is refused even with its token")
  func otherOrigin() throws {
    for (name, value) in [
      ("origin", "http://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site"),
      ("sec-fetch-site", "same-site"),
    ] {
      ann.headers[name] = value
      ann.get("/organizations")
      try ann.submit("create-organization-form", ["name": "Planted"])
      #expect(ann.status == 403, "\(name): \(value)")
      ann.headers[name] = nil
    }
    ann.headers["origin"] = "http://127.0.0.1:8080"
    ann.headers["sec-fetch-site"] = "same-origin"
    ann.get("/organizations")
    try ann.submit("create-organization-form", ["name": "Own"])
    #expect(ann.title == "Own")
  }

  @Test("a name that was pointed at this machine is not served")
  func rebinding() {
    ann.headers["host"] = "evil.example"
    ann.get("/profile")
    #expect(ann.status == 421)
    ann.headers["host"] = nil
    ann.get("/profile")
    #expect(ann.status == 421)
  }

  @Test(
    "the session goes on under another cookie at each change of privilege, and the old one is dead")
  func renewal() throws {
    var seen: [String] = [try #require(cookie(ann))]
    func renewed(_ step: String) throws {
      let now = try #require(cookie(ann))
      #expect(!seen.contains(now), "\(step)")
      for old in seen {
        let thief = Browser(stage)
        thief.cookies[Visit.Cookie.session.rawValue] = old
        thief.get("/profile")
        #expect(thief.title == "Log in", "\(step)")
      }
      seen.append(now)
    }
    try ann.enable()
    try renewed("enable")
    stage.clock.pass(11 * 60)
    ann.get("/mfa/disable")
    #expect(ann.title == "Confirm that it is you")
    try ann.submit("confirm-form", ["password": Browser.password, "code": ann.code()])
    try renewed("confirm")
    #expect(ann.title == "Disable MFA")
    try ann.submit("disable-form", ["confirmation": "DISABLE"])
    try renewed("disable")
    ann.get("/password")
    try ann.submit("confirm-form", ["password": Browser.password])
    try renewed("confirm again")
    try ann.submit("password-form", ["new-password": "another four plain words"])
    try renewed("password")
    try ann.logOut()
    try ann.logIn("ann", password: "another four plain words")
    try renewed("login")
  }

  @Test("forged and cut cookies are no session", arguments: ["", "x", "00", "ff", "'; DROP TABLE"])
  func forged(_ start: String) throws {
    let eve = Browser(stage)
    let real = try #require(cookie(ann))
    for forged in [start + real.dropFirst(start.count), start, String(real.reversed())] + [
      real + "0", real.dropLast() + "é",
    ] where forged != real {
      eve.cookies[Visit.Cookie.session.rawValue] = forged
      eve.get("/profile")
      #expect(eve.title == "Log in")
    }
  }

  @Test("a login that is cancelled takes no code any more, whoever has its cookie")
  func cancelled() throws {
    try ann.enable()
    try ann.logOut()
    try ann.logIn("ann")
    let thief = Browser(stage)
    thief.cookies = ann.cookies
    try ann.submit("cancel-form")
    #expect(ann.text("notice") == "The login was cancelled.")
    thief.get("/login/code")
    #expect(thief.title == "Log in")
  }

  @Test("every MFA change asks again who sits there once the login is a while ago")
  func reauthentication() throws {
    stage.clock.pass(11 * 60)
    ann.get("/profile")
    try ann.submit("enable-mfa-form")
    #expect(ann.title == "Confirm that it is you")
    try ann.submit("confirm-form", ["password": "not my password"])
    #expect(ann.status == 422 || ann.status == 401)
    try ann.submit("confirm-form", ["password": Browser.password])
    #expect(ann.title == "My Profile")
    try ann.enable()
    stage.clock.pass(11 * 60)
    ann.get("/profile")
    try ann.submit("update-mfa-form")
    #expect(ann.title == "Confirm that it is you")
    ann.get("/mfa/key.png")
    #expect(ann.response.header("Content-Type") != "image/png")
  }

  @Test("a confirmation leads back to the page of the form that needed it")
  func confirmedBack() throws {
    ann.get("/organizations")
    try ann.submit("create-organization-form", ["name": "Watchmakers"])
    stage.clock.pass(11 * 60)
    try ann.submit("invite-form", ["email": "bob@example.com", "role": "owner"])
    #expect(ann.title == "Confirm that it is you")
    try ann.submit("confirm-form", ["password": Browser.password])
    #expect(ann.path == "/organizations/1")
    try ann.submit("invite-form", ["email": "bob@example.com", "role": "owner"])
    #expect(ann.text("notice")?.contains("invitation") == true)
  }

  @Test(
    "a confirmation leads to places of the console only",
    arguments: [
      "https://evil.example", "//evil.example", "/organizations/1/leave", "/organizations/1x",
      "//organizations/1", "/cases/1/approve", "/cases/-1", "organizations/1", "/logout",
      "javascript:alert(1)", "",
    ])
  func openRedirect(_ then: String) throws {
    ann.get("/confirm?then=\(then)")
    #expect(ann.page.contains("name=\"then\" value=\"/profile\""))
  }

  @Test("an unknown account is answered as a wrong password is")
  func uniform() throws {
    var pages: [String] = []
    for name in ["ann", "nobody"] {
      let eve = Browser(stage)
      eve.get("/login")
      try eve.submit("login-form", ["email": "\(name)@example.com", "password": "wrong password!"])
      pages.append(
        "\(eve.status) "
          + eve.page.replacing(/value="[0-9a-f]{64}"/, with: "").replacing(
            "\(name)@", with: "NAME@"))
    }
    #expect(pages[0] == pages[1])
  }

  @Test(
    "after too many wrong tries the page says how long to wait, and the right password waits too")
  func throttled() throws {
    let eve = Browser(stage)
    for _ in 0..<4 { try eve.logIn("ann", password: "wrong password!") }
    try eve.logIn("ann")
    #expect(eve.status == 429)
    let wait = try #require(Int(eve.response.header("Retry-After") ?? ""))
    #expect(wait > 0)
    stage.clock.pass(Int64(wait))
    try eve.logIn("ann")
    #expect(eve.title == "My Profile")
  }

  @Test("two tabs: the code of the older key is refused, and the page says which key counts")
  func twoTabs() throws {
    ann.get("/profile")
    try ann.submit("enable-mfa-form")
    try ann.scan()
    let first = ann.code()
    let shown = try #require(ann.page.firstMatch(of: /name="shown" value="([^"]*)"/)).1
    let token = try #require(ann.page.firstMatch(of: /name="form-token" value="([^"]*)"/)).1
    stage.clock.pass(1)
    ann.get("/profile")
    try ann.submit("enable-mfa-form")
    ann.post("/mfa/key", ["form-token": String(token), "shown": String(shown), "code": first])
    #expect(ann.status == 409)
    #expect(ann.problem?.contains("newer key") == true)
    try ann.scan()
    try ann.submit("activate-form", ["code": ann.code()])
    #expect(ann.title == "MFA is on")
  }

  @Test("the back button: a form that was sent already changes nothing more")
  func again() throws {
    ann.get("/profile")
    try ann.submit("enable-mfa-form")
    try ann.scan()
    let token = try #require(ann.page.firstMatch(of: /name="form-token" value="([^"]*)"/)).1
    let fields = ["form-token": String(token), "code": ann.code()]
    ann.post("/mfa/key", fields)
    let codes = ann.backupCodes
    ann.post("/mfa/key", fields)
    #expect(ann.status == 403, "the cookie was renewed, and the page is of before")
    #expect(ann.backupCodes.isEmpty)
    ann.get("/profile")
    #expect(ann.text("backup-codes-left") == "\(codes.count)")
  }

  @Test(
    "markup and SQL in every field come back as text",
    arguments: [
      "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'; DROP TABLE account; --",
      "&lt;b&gt;", "{{7*7}}", "\u{202E}evil",
    ])
  func markup(_ text: String) throws {
    var raw: [String] = []
    func look() { if ann.page.contains(text) && text.contains("<") { raw.append(ann.path) } }
    ann.get("/organizations")
    try ann.submit("create-organization-form", ["name": text])
    look()
    try ann.submit("invite-form", ["email": "\(text)@example.com", "role": text])
    look()
    ann.get("/mfa/disable")
    let eve = Browser(stage)
    eve.get("/signup")
    try eve.submit("signup-form", ["email": text, "password": text])
    #expect(!(eve.page.contains(text) && text.contains("<")))
    eve.get("/login")
    try eve.submit("login-form", ["email": text, "password": text])
    #expect(!(eve.page.contains(text) && text.contains("<")))
    for path in ["/organizations", "/history", "/organizations/1/history", "/sessions"] {
      ann.get(path)
      #expect(ann.status == 200, "\(path)")
      look()
    }
    #expect(raw.isEmpty)
  }

  @Test(
    "no page has a script or a style of its own, and each says so in its headers",
    arguments: [
      "/login", "/signup", "/profile", "/organizations", "/sessions", "/history", "/password",
      "/confirm", "/mfa/disable", "/nowhere", "/cases", "/assets/console.css", "/api/v1/nothing",
    ])
  func headers(_ path: String) throws {
    ann.get(path)
    let policy = try #require(ann.response.header("Content-Security-Policy"))
    #expect(!policy.contains("unsafe") && policy.contains("default-src 'none'"))
    #expect(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"))
    #expect(ann.response.header("X-Content-Type-Options") == "nosniff")
    #expect(ann.response.header("Cache-Control")?.contains("no-") == true)
    #expect(ann.page.firstMatch(of: /<script(?! src="\/assets\/)|<style| style=| on\w+=/) == nil)
  }

  @Test("cookies are out of scripts' and other sites' reach, and tied to TLS where there is any")
  func cookieFlags() throws {
    let secure = Console(
      pool: stage.pool, site: Site(publicOrigin: "https://Console.example.com"))
    for (console, isSecure) in [(stage.console, false), (secure, true)] {
      var request = HTTPRequest(method: "GET", path: "/login")
      request.headers["host"] = isSecure ? "console.example.com" : "localhost:8080"
      let response = console.answer(request)
      #expect(response.status == 200)
      let cookie = try #require(response.header("Set-Cookie"))
      #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
      #expect(cookie.contains("Path=/") && !cookie.contains("Domain"))
      #expect(cookie.contains("Secure") == isSecure && cookie.hasPrefix("__Host-") == isSecure)
      // Pages, and what gets no further than the server itself.
      for answer in [response, console.answer(.malformed, path: "/")] {
        let transport = answer.header("Strict-Transport-Security")
        #expect(transport == (isSecure ? "max-age=31536000" : nil))
      }
    }
  }

  @Test(
    "paths and methods that are not there are answered plainly",
    arguments: [
      ("GET", "/organizations/99", 404), ("GET", "/organizations/x", 404), ("GET", "/../etc", 404),
      ("GET", "/%00", 404), ("GET", "/login%00", 404),
      ("POST", "/profile", 405), ("DELETE", "/login", 405), ("GET", "/mfa/enable", 405),
    ])
  func strange(_ method: String, _ path: String, _ status: Int) {
    ann.send(HTTPRequest(method: method, path: path))
    #expect(ann.status == status)
    #expect(ann.problem != nil)
  }

  @Test("a session that nobody uses ends, and nothing typed after that is done")
  func idle() throws {
    ann.get("/organizations")
    stage.clock.pass(31 * 60)
    try ann.submit("create-organization-form", ["name": "Late"])
    #expect(ann.title == "Log in")
    #expect(ann.text("notice")?.contains("no longer signed in") == true)
  }
}
