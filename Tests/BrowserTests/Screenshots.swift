import Foundation
import Testing

/// Pictures of the pages, made by `make screenshots` and by nothing else.
@Suite(
  "Screenshots",
  .enabled(
    if: Driver.isInstalled && ProcessInfo.processInfo.environment["WATCHFOB_SCREENSHOTS"] != nil))
struct Screenshots {
  private let folder = ProcessInfo.processInfo.environment["WATCHFOB_SCREENSHOTS"] ?? "."

  @Test("each page in light and dark, on a desktop and on a phone")
  func pages() throws {
    let scene = try Scene()
    let ann = try Person(scene.console, "ann")
    try ann.open("/signup")
    try shoot(ann, "sign-up")
    try ann.signUp()
    try shoot(ann, "log-in")
    try ann.logIn()
    try shoot(ann, "profile-off")
    try ann.scanNewKey("enable-mfa")
    try shoot(ann, "enable-mfa")
    try ann.activate()
    try shoot(ann, "backup-codes")
    try ann.open("/profile")
    try shoot(ann, "profile")
    try ann.press("disable-mfa")
    try shoot(ann, "disable-mfa")
    try ann.open("/history")
    try shoot(ann, "audit-log")

    let bob = try scene.person("bob")
    let guild = try ann.createOrganization("Guild of clockmakers")
    try ann.admit(bob, to: guild)
    try ann.open("/organizations/\(guild)")
    try ann.fill("email", "carol@example.com")
    try ann.press("invite")
    try ann.fill("grace-days", "0")
    try ann.press("enforce-mfa")
    try shoot(ann, "organization")
    try ann.open("/organizations")
    try shoot(ann, "organizations")
    try bob.signOut()
    try bob.typePassword()
    try shoot(bob, "led-to-enable")
    try ann.open("/mfa/disable")
    try shoot(ann, "disable-refused")
    let elsewhere = try Person(scene.console, "ann")
    elsewhere.fob = ann.fob
    try elsewhere.logIn()
    try ann.open("/sessions")
    try shoot(ann, "sessions")
    try ann.signOut()
    try ann.typePassword()
    try ann.enter(code: ann.wrongCode())
    try shoot(ann, "code-refused")
    try ann.open("/recovery")
    try ann.press("open-recovery")
    try ann.handIn(text: "12 Bell Lane", as: "postalAddress")
    try shoot(ann, "recovery")
    try ann.handInEverything()
    try ann.press("submit-recovery")
    let desk = try scene.operatorOnDuty()
    try desk.open("/cases")
    try desk.browser.follow { try desk.browser.element("#cases a").click() }
    try shoot(desk, "judge")
  }

  @Test("the token beside the page")
  func token() throws {
    let scene = try Scene()
    let bench = try TokenBench(scene)
    let ann = try scene.person()
    try ann.scanNewKey("enable-mfa")
    try bench.fob.add(screenshot: ann.browser.screenshot())
    try ann.browser.wait(for: "the code in the frame") {
      try ann.browser.inFrame("#token-panel") { try ann.browser.has("#token-codes .ring") }
    }
    try shoot(ann, "token")
  }

  private func shoot(_ person: Person, _ name: String) throws {
    let browser = person.browser
    // A caret that blinks is there or not by chance.
    try browser.run("document.activeElement?.blur(); scrollTo(0, 0)")
    for (window, size) in [(Browser.Window.desktop, "desktop"), (.phone, "phone")] {
      try browser.resize(window)
      for scheme in Browser.Scheme.allCases {
        try browser.prefer(scheme)
        try browser.run(
          "getComputedStyle(document.body).color;"
            + "document.getAnimations().forEach((animation) => animation.finish())")
        let picture = try browser.screenshotOfPage()
        try save(picture, "console-\(name)-\(size)-\(scheme)")
      }
    }
    try browser.resize(.desktop)
    try browser.prefer(.light)
  }

  /// With 64 colours, which the pages hardly have, and so with half the bytes.
  private func save(_ picture: Data, _ name: String) throws {
    let path = "\(folder)/\(name).png"
    try picture.write(to: URL(fileURLWithPath: path))
    let outcome = try Shell.run([
      "convert", path, "-strip", "-dither", "None", "-colors", "64", "-define",
      "png:compression-level=9",
      "PNG8:" + path,
    ])
    try #require(outcome.status == 0, "\(outcome)")
  }
}
