import Foundation
import Testing

@Suite("Sessions, clicked through", .enabled(if: Driver.isInstalled))
struct SessionTests {
  @Test("a session that is ended elsewhere leads to the login, and nothing is changed by its pages")
  func revoke() throws {
    let scene = try Scene()
    let ann = try scene.person()
    let elsewhere = try Person(scene.console)
    try elsewhere.logIn()
    try elsewhere.open("/organizations")
    try elsewhere.fill("name", "Too late")

    try ann.open("/sessions")
    #expect(try ann.browser.elements("#sessions tbody tr").count == 2)
    let other = try ann.browser.element("#sessions tbody tr:not(.current) button")
    try ann.browser.follow { try other.click() }
    #expect(try ann.browser.elements("#sessions tbody tr").count == 1)

    try elsewhere.press("create-organization")
    #expect(try elsewhere.browser.has("#login-form"))
    try ann.open("/organizations")
    #expect(try !ann.browser.text.contains("Too late"))
  }

  @Test("all other sessions are ended at once")
  func revokeOthers() throws {
    let scene = try Scene()
    let ann = try scene.person()
    let others = try (0..<2).map { _ in try Person(scene.console) }
    for other in others { try other.logIn() }
    try ann.open("/sessions")
    try ann.press("revoke-other-sessions")
    #expect(try ann.browser.elements("#sessions tbody tr").count == 1)
    for other in others {
      try other.open("/profile")
      #expect(try other.browser.has("#login-form"))
    }
  }

  @Test("after signing out, the back button shows nothing of the account")
  func back() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.open("/sessions")
    try ann.open("/profile")
    try ann.signOut()
    for _ in 0..<2 {
      try ann.browser.back()
      #expect(try !ann.browser.text.contains(ann.email))
      #expect(try !ann.browser.has("#sign-out"))
    }
  }

  @Test("the cookie is out of scripts' reach, sent to no other site, and new after each step up")
  func cookies() throws {
    let scene = try Scene()
    let ann = try scene.person()
    for (name, cookie) in try ann.browser.cookies() {
      #expect(cookie["httpOnly"]?.bool == true, "\(name)")
      #expect(["Lax", "Strict"].contains(cookie["sameSite"]?.string), "\(name)")
    }
    let first = try ann.sessionCookie()
    try ann.enable()
    let second = try ann.sessionCookie()
    #expect(first != second)
    #expect(try ann.browser.run("return document.cookie").string == "")
    // The old one is good for nothing.
    let answer = try HTTPRequest(
      path: "/profile", headers: ["Cookie": "watchfob-session=\(first)"]
    ).send(to: scene.console.port)
    #expect(!answer.body.contains(ann.email))
  }

  @Test("forged cookies are nobody's")
  func forged() throws {
    let scene = try Scene()
    let ann = try scene.person()
    for value in ["", "a", String(repeating: "A", count: 43), "../../etc", "%00", "' OR 1=1 --"] {
      try ann.browser.setCookie(["name": "watchfob-session", "value": .string(value)])
      try ann.open("/profile")
      #expect(try !ann.browser.text.contains(ann.email))
      #expect(try ann.browser.has("#login-form"), "\(value)")
    }
  }

  @Test("a change of MFA long after the login wants to know again who is there")
  func reauthentication() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.enable()
    try scene.console.letSessionsGoStale()
    try ann.open("/profile")
    try ann.press("update-mfa")
    #expect(try ann.path == "/confirm")
    let code = try ann.nextCode()
    try ann.fill("password", "not the password of ann")
    try ann.fill("code", code)
    try ann.press("confirm-identity")
    #expect(try ann.browser.has("#problem"))
    try ann.fill("password", ann.password)
    try ann.fill("code", code)
    try ann.press("confirm-identity")
    #expect(try !ann.browser.has("#problem"))
    try ann.update()
    try ann.signOut()
    try ann.logIn()
  }
}

extension Person {
  /// What shows the console that it is this person.
  func sessionCookie() throws -> String {
    let value = try browser.cookies()["watchfob-session"]?["value"]?.string
    return try #require(value)
  }
}
