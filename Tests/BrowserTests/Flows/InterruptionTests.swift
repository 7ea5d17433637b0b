import Foundation
import Testing

@Suite("Pages that are late, and a console that is killed", .enabled(if: Driver.isInstalled))
struct InterruptionTests {
  @Test("of two tabs that enable MFA, the older page asks for the newer key, and one key is on")
  func twoTabs() throws {
    let scene = try Scene()
    let ann = try scene.person()
    let first = try ann.browser.tab
    try ann.scanNewKey("enable-mfa")
    let old = ann.fob
    try ann.browser.openTab()
    try ann.open("/profile")
    try ann.scanNewKey("enable-mfa")
    let new = ann.fob

    try ann.browser.turn(to: first)
    try ann.fill("code", old.nextCode(ann.accountOnToken))
    try ann.press("activate-mfa")
    #expect(try ann.problem.contains("newer key"))
    #expect(try ann.mfaState() == "Off")
    try ann.open("/mfa/key")
    try ann.fill("code", new.nextCode(ann.accountOnToken))
    try ann.press("activate-mfa")
    #expect(try ann.mfaState() == "On")
    try ann.signOut()
    try ann.logIn()
  }

  @Test("a tab left open on Disable MFA does nothing after another tab did it")
  func lateTab() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.enable()
    let first = try ann.browser.tab
    try ann.open("/mfa/disable")
    try ann.browser.openTab()
    try ann.open("/mfa/disable")
    try ann.fill("confirmation", "DISABLE")
    try ann.press("disable-mfa-now")
    try ann.enable()
    // MFA is on again, under another session: the page is too old for it.
    try ann.browser.turn(to: first)
    try ann.fill("confirmation", "DISABLE")
    try ann.press("disable-mfa-now")
    #expect(try ann.mfaState() == "On")
  }

  @Test("a code that is sent again with the back button is refused, and one stays logged in")
  func resubmitted() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.enable()
    try ann.signOut()
    try ann.typePassword()
    let code = try ann.nextCode()
    try ann.enter(code: code)
    try ann.browser.back()
    // Depending on what the browser kept, the form is there again or leads on.
    if try ann.browser.has("#code") { try ann.enter(code: code) }
    #expect(try ann.mfaState() == "On")
  }

  @Test("a login page that waited too long starts again, and the code is not used up")
  func expiredLogin() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.enable()
    try ann.signOut()
    try ann.typePassword()
    let code = try ann.nextCode()
    try ann.fill("code", code)
    try scene.console.letTicketsExpire()
    try ann.press("submit-code")
    #expect(try ann.browser.has("#login-form"))
    #expect(try ann.browser.has("#problem, #notice"))
    try ann.typePassword()
    try ann.enter(code: code)
    #expect(try ann.path == "/profile")
  }

  @Test("a new key that waited too long is given up, and MFA stays off")
  func expiredKey() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.scanNewKey("enable-mfa")
    try ann.fill("code", ann.nextCode())
    try scene.console.change("UPDATE credential SET expires_at = 1 WHERE NOT is_active")
    try ann.press("activate-mfa")
    #expect(try ann.browser.has("#problem"))
    #expect(try ann.mfaState() == "Off")
    try ann.enable()
  }

  @Test("a form of a session that has expired changes nothing and leads to the login")
  func expiredSession() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.enable()
    try ann.open("/mfa/disable")
    try ann.fill("confirmation", "DISABLE")
    try scene.console.letTicketsExpire()
    try ann.press("disable-mfa-now")
    #expect(try ann.browser.has("#login-form"))
    #expect(try ann.browser.has("#problem, #notice"))
    try ann.logIn()
    #expect(try ann.mfaState() == "On")
  }

  @Test("a console that is killed while a key waits goes on with that key")
  func killedInEnable() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.scanNewKey("enable-mfa")
    let key = try ann.text("key-text")
    try scene.console.restart()
    #expect(try ann.mfaState() == "Off")
    try ann.open("/mfa/key")
    #expect(try ann.text("key-text") == key)
    try ann.fill("code", ann.nextCode())
    try scene.console.restart()
    try ann.press("activate-mfa")
    #expect(try ann.mfaState() == "On")
  }

  @Test("a console that is killed in a login, an update or a disabling loses nothing of it")
  func killedLater() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.enable()
    try ann.signOut()
    try ann.typePassword()
    try ann.fill("code", ann.nextCode())
    try scene.console.restart()
    try ann.press("submit-code")
    #expect(try ann.path == "/profile")

    let old = ann.fob
    try ann.scanNewKey("update-mfa")
    try scene.console.restart()
    let other = try Person(scene.console)
    other.fob = old
    try other.logIn()
    try ann.fill("code", ann.nextCode())
    try ann.press("activate-mfa")
    #expect(try ann.browser.has("#backup-codes"))

    try ann.open("/mfa/disable")
    try ann.confirmIfAsked()
    try ann.fill("confirmation", "DISABLE")
    try scene.console.restart()
    #expect(try ann.browser.element("#confirmation").value == "DISABLE")
    try ann.press("disable-mfa-now")
    #expect(try ann.mfaState() == "Off")
  }

  @Test("a form that is sent at the very moment of a kill is done wholly or not at all")
  func killedInTheAct() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.scanNewKey("enable-mfa")
    try ann.fill("code", ann.nextCode())
    try ann.browser.run(
      "setTimeout(() => document.getElementById('activate-form').requestSubmit(), 0)")
    try scene.console.restart()
    let state = try ann.mfaState()
    try ann.signOut()
    try ann.typePassword()
    #expect(try ann.path == (state == "On" ? "/login/code" : "/profile"))
    if state == "On" { try ann.enter(code: ann.nextCode()) }
    #expect(try ann.mfaState() == state)
  }

  @Test("what was handed in is there after a kill")
  func killedInRecovery() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.enable()
    try ann.signOut()
    try ann.openCase()
    try ann.handIn(text: "12 Bell Lane", as: "postalAddress")
    try scene.console.restart()
    try ann.open("/recovery")
    #expect(try ann.browser.element("#text-postalAddress").value == "12 Bell Lane")
    try ann.handInEverything()
    try scene.console.restart()
    try ann.press("submit-recovery")
    #expect(try ann.text("case-state") == "submitted")
  }
}

extension ConsoleProcess {
  /// As if hours had passed since everybody logged in.
  func letSessionsGoStale() throws { try change("UPDATE ticket SET proved_at = 1") }

  /// As if everybody had waited too long.
  func letTicketsExpire() throws { try change("UPDATE ticket SET expires_at = 1") }
}
