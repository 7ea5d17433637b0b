import Foundation
import Testing

@Suite("Signing up and logging in, clicked through", .enabled(if: Driver.isInstalled))
struct SignUpTests {
  @Test("an account is made once, and logged in to with its password")
  func signUp() throws {
    let scene = try Scene()
    let ann = try scene.person()
    #expect(try ann.text("account-email") == ann.email)
    #expect(try ann.mfaState() == "Off")
    try ann.signOut()
    try ann.open("/signup")
    try ann.fill("email", ann.email.uppercased())
    try ann.fill("password", "another long password")
    try ann.press("sign-up")
    #expect(try ann.browser.has("#problem"))
    try ann.logIn()
  }

  @Test("a form that is refused says why and keeps what was typed, but never a password")
  func refused() throws {
    let scene = try Scene()
    let ann = try Person(scene.console)
    for (email, password, field) in [
      ("ann@example.com", "short", "password"), ("no address", "a long enough password", "email"),
      ("ann@example.com", "ann@example.com", "password"),
    ] {
      try ann.open("/signup")
      // The browser itself would not send what is no address.
      try ann.browser.run("document.getElementById('signup-form').noValidate = true")
      try ann.fill("email", email)
      try ann.fill("password", password)
      try ann.press("sign-up")
      #expect(try !ann.problem.isEmpty)
      #expect(try ann.browser.element("#email").value == email)
      #expect(try ann.browser.element("#password").value == "")
      #expect(try ann.browser.element("#" + field).attribute("aria-invalid") == "true")
      let focus = try ann.browser.run("return document.activeElement.id").string
      #expect(focus == field)
    }
  }

  @Test("an unknown address and a wrong password are answered alike")
  func uniform() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.signOut()
    let answers = try [ann.email, "nobody@example.com"].map { email in
      try ann.open("/login")
      try ann.fill("email", email)
      try ann.fill("password", "not the password of anybody")
      try ann.press("log-in")
      return try ann.problem
    }
    #expect(answers[0] == answers[1])
  }

  @Test("wrong passwords are slowed down, and the page says for how long")
  func throttle() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.signOut()
    for _ in 0..<5 {
      try ann.open("/login")
      try ann.fill("email", ann.email)
      try ann.fill("password", "not the password of ann")
      try ann.press("log-in")
    }
    #expect(try ann.browser.has("#problem [data-countdown]"))
    // The right password is not compared either.
    try ann.typePassword()
    #expect(try ann.browser.has("#problem [data-countdown]"))
  }

  @Test("a changed password is the only one that is good, and other sessions end")
  func password() throws {
    let scene = try Scene()
    let ann = try scene.person()
    let other = try Person(scene.console)
    try other.logIn()
    try ann.open("/profile")
    try ann.press("change-password")
    try ann.fill("new-password", "quite another password")
    try ann.press("save-password")
    try other.open("/profile")
    #expect(try other.browser.has("#login-form"))
    try other.typePassword()
    #expect(try other.browser.has("#problem"))
    try other.fill("password", "quite another password")
    try other.press("log-in")
    #expect(try other.path == "/profile")
  }
}
