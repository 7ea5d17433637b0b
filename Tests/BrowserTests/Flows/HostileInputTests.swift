import Foundation
import JSON
import Testing

@Suite("Hostile input", .enabled(if: Driver.isInstalled))
struct HostileInputTests {
  /// Does something in any context of a page that does not escape it.
  static let markup = """
    "'><img src=x onerror="document.title='owned'"></title></textarea><b id=owned>&lt;
    """

  @Test("HTML and SQL in every field are text, wherever they are shown")
  func everyField() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    let bob = try scene.person("bob")
    try ann.enable()
    let hostile = ["'; DROP TABLE account; --", Self.markup]
    let pages = ["/password", "/organizations", "/mfa/disable", "/confirm?then=/password"]
    for text in hostile {
      for page in pages {
        try ann.open(page)
        if !page.hasPrefix("/confirm") { try ann.confirmIfAsked() }
        try Self.submitEveryForm(ann, text)
        // It is long enough for one, and so this page has taken it.
        if page == "/password" { ann.password = text }
      }
      // The form alone has made one of just this name.
      let guild = try ann.createOrganization("The other " + text)
      #expect(try ann.text("page-title") == "The other " + text)
      try Self.expectText(ann, "the Organization's page")
      try ann.open("/organizations/\(guild)")
      try Self.submitEveryForm(ann, text, only: "invite-form")
      try ann.admit(bob, to: guild)
      for page in ["/organizations", "/organizations/\(guild)", "/profile", "/history"] {
        for person in [ann, bob] {
          try person.open(page)
          try Self.expectText(person, page)
        }
      }
    }
    try ann.signOut()
    for page in ["/signup", "/login"] {
      for text in hostile {
        try ann.open(page)
        try Self.submitEveryForm(ann, text)
      }
    }
    // Each form was a wrong try.
    try scene.console.change("DELETE FROM throttle")
    try ann.typePassword()
    try Self.submitEveryForm(ann, Self.markup, only: "code-form")
    try scene.console.change("DELETE FROM throttle")
    try ann.logIn()
  }

  @Test("HTML in what is handed in is text to the person and to the judge")
  func recovery() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    try ann.enable()
    try ann.signOut()
    try ann.openCase()
    try ann.handInEverything()
    try ann.handIn(text: Self.markup, as: "postalAddress")
    try Self.expectText(ann, "the case")
    #expect(try ann.browser.element("#text-postalAddress").value == Self.markup)
    try ann.press("submit-recovery")
    let desk = try scene.operatorOnDuty()
    try desk.open("/cases")
    try desk.browser.follow { try desk.browser.element("#cases a").click() }
    try Self.expectText(desk, "the judge's page")
    #expect(try desk.text("evidence").contains("onerror"))
  }

  @Test("HTML in an address is shown by no page")
  func addresses() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    let encoded = "%22%27%3E%3Cimg%20src=x%20onerror=%22document.title='owned'%22%3E"
    for path in [
      "/\(encoded)", "/login?done=\(encoded)", "/confirm?then=\(encoded)",
      "/organizations/\(encoded)", "/cases/\(encoded)", "/profile?done=\(encoded)",
    ] {
      try ann.open(path)
      try Self.expectText(ann, path)
      #expect(try ann.browser.has("h1"))
    }
    // And none leads away from the console.
    for place in ["//example.com/", "https://example.com/", "javascript:alert(1)"] {
      try scene.console.letSessionsGoStale()
      try ann.open("/confirm?then=\(place)")
      if try ann.browser.has("#confirm-form") {
        try ann.fill("password", ann.password)
        try ann.press("confirm-identity")
      }
      #expect(try ann.browser.address.hasPrefix(scene.console.address("/")), "\(place)")
    }
  }

  @Test("requests that no browser sends get a clear page, and the console goes on")
  func requests() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    let form = "application/x-www-form-urlencoded"
    let requests: [(HTTPRequest, statuses: ClosedRange<Int>)] = [
      (HTTPRequest(path: "/nothing"), 404...404),
      (HTTPRequest(path: "/../../etc/passwd"), 400...404),
      (HTTPRequest(path: "/%00"), 300...404), (HTTPRequest(path: "/%ff%fe"), 400...404),
      (HTTPRequest(method: "DELETE", path: "/profile"), 400...501),
      (HTTPRequest(method: "POST", path: "/login"), 400...415),
      (
        HTTPRequest(method: "POST", path: "/login", headers: ["Content-Type": form], body: "%"),
        400...403
      ),
      (
        HTTPRequest(
          method: "POST", path: "/login", headers: ["Content-Type": "application/json"], body: "{}"),
        400...415
      ),
      (
        HTTPRequest(
          method: "POST", path: "/login", headers: ["Content-Type": "multipart/form-data"],
          body: "--x"), 400...415
      ),
      (
        HTTPRequest(
          method: "POST", path: "/login", headers: ["Content-Type": form],
          body: String(repeating: "a", count: 40 << 20)), 400...413
      ),
      (
        HTTPRequest(path: "/", headers: ["Cookie": String(repeating: "a=b; ", count: 10_000)]),
        200...431
      ),
    ]
    for (request, statuses) in requests {
      let answer = try request.send(to: scene.console.port)
      #expect(
        statuses.contains(answer.status), "\(request.method) \(request.path): \(answer.status)")
      #expect(!answer.body.contains("Swift") && !answer.body.contains("SQL"))
    }
    try ann.open("/profile")
    #expect(try ann.text("account-email") == ann.email)
  }

  @Test("every answer says that no script but the console's own may run, and that nobody keeps it")
  func headers() throws {
    let scene = try Scene()
    for path in ["/login", "/signup", "/nothing"] {
      let answer = try HTTPRequest(path: path).send(to: scene.console.port)
      let policy = answer.headers["content-security-policy"] ?? ""
      #expect(policy.contains("default-src 'none'") || policy.contains("default-src 'self'"))
      #expect(!policy.contains("unsafe") && policy.contains("frame-ancestors"))
      #expect(answer.headers["x-content-type-options"] == "nosniff")
      #expect(answer.headers["cache-control"]?.contains("no-store") == true)
    }
  }

  @Test("a form from another site, or with another person's token, is refused")
  func forgery() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    let bob = try scene.person("bob")
    func token(_ person: Person) throws -> String {
      try person.open("/organizations")
      return try person.browser.element("#create-organization-form [name=form-token]").value
    }
    let cookie = try ann.sessionCookie()
    let own = try token(ann)
    for (stolen, origin, isTaken) in [
      ("", nil, false), (try token(bob), nil, false), (own, "http://evil.example", false),
      (own, nil, true),
    ] as [(String, String?, Bool)] {
      var headers = [
        "Content-Type": "application/x-www-form-urlencoded", "Cookie": "watchfob-session=\(cookie)",
      ]
      headers["Origin"] = origin
      let name = "made-\(stolen.count)-\(origin == nil)-\(isTaken)"
      _ = try HTTPRequest(
        method: "POST", path: "/organizations", headers: headers,
        body: "form-token=\(stolen)&name=\(name)"
      ).send(to: scene.console.port)
      try ann.open("/organizations")
      #expect(try ann.browser.text.contains(name) == isTaken, "\(name)")
    }
  }

  /// Fills all text fields of each form of the page with the text, and sends the form.
  private static func submitEveryForm(
    _ person: Person, _ text: String, only wanted: String? = nil
  ) throws {
    let page = try person.browser.address
    let ids = try person.browser.elements("main form").map { try $0.attribute("id") ?? "" }
    for id in ids where wanted == nil || id == wanted {
      try person.browser.open(page)
      let selector = "#\(id) input:not([type=hidden]):not([type=checkbox]):not([type=file])"
      let fields = try person.browser.elements(selector)
      if fields.isEmpty { continue }
      for field in fields { try field.fill(text) }
      try person.browser.follow {
        // Also what the browser itself would refuse.
        try person.browser.run(
          "const form = document.getElementById(arguments[0]); form.noValidate = true;"
            + "form.requestSubmit()", .string(id))
      }
      try expectText(person, "\(page), \(id)")
    }
  }

  private static func expectText(
    _ person: Person, _ page: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(
      try !person.browser.has("#owned, img[src=x]"), "\(page)", sourceLocation: sourceLocation)
    #expect(try person.browser.title != "owned", "\(page)", sourceLocation: sourceLocation)
  }
}
