import Foundation
import Testing

@Suite("Every page keeps the rules", .enabled(if: Driver.isInstalled))
struct PageTests {
  @Test("the pages before the login")
  func before() throws {
    let scene = try Scene()
    let ann = try Person(scene.console)
    for path in ["/signup", "/login", "/nothing"] {
      try ann.open(path)
      try PageRules.check(ann.browser, path)
    }
    try ann.open("/login")
    try ann.fill("email", ann.email)
    try ann.fill("password", "not the password of ann")
    try ann.press("log-in")
    try PageRules.check(ann.browser, "a refused login")
  }

  @Test("the pages of an account and its MFA")
  func account() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try PageRules.check(ann.browser, "My Profile, MFA off")
    try ann.scanNewKey("enable-mfa")
    try PageRules.check(ann.browser, "Enable MFA")
    try ann.fill("code", ann.wrongCode())
    try ann.press("activate-mfa")
    try PageRules.check(ann.browser, "Enable MFA, refused")
    try ann.activate()
    try PageRules.check(ann.browser, "the backup codes")
    for path in ["/profile", "/mfa/disable", "/password", "/sessions", "/history"] {
      try ann.open(path)
      try PageRules.check(ann.browser, path)
    }
    try scene.console.letSessionsGoStale()
    try ann.open("/password")
    try PageRules.check(ann.browser, "/confirm")
    try ann.signOut()
    try PageRules.check(ann.browser, "signed out")
    try ann.typePassword()
    try PageRules.check(ann.browser, "/login/code")
  }

  @Test("the pages of Organizations, of their Owners and their members")
  func organizations() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    let bob = try scene.person("bob.with.a.long.address.of.words")
    let dan = try scene.person("dan")
    try ann.enable()
    try bob.enable()
    let guild = try ann.createOrganization("Guild of clockmakers and of bell founders of Augsburg")
    for person in [bob, dan] { try ann.admit(person, to: guild) }
    try ann.open("/organizations/\(guild)")
    try ann.fill("email", "carol@example.com")
    try ann.press("invite")
    try PageRules.check(ann.browser, "an Organization, for its Owner")
    try ann.open("/organizations/\(guild)/members/\(ann.memberNumber(of: bob))/mfa")
    try PageRules.check(ann.browser, "resetting a member's MFA")
    try ann.open("/organizations/\(guild)")
    try ann.press("enforce-mfa")
    try PageRules.check(ann.browser, "an Organization that enforces MFA")
    try dan.open("/profile")
    try PageRules.check(dan.browser, "told of the date")
    try ann.fill("grace-days", "0")
    try ann.press("change-grace")
    try ann.open("/organizations/\(guild)/history")
    try PageRules.check(ann.browser, "its audit log")
    for path in ["/organizations", "/organizations/\(guild)", "/mfa/disable", "/profile"] {
      try bob.open(path)
      try PageRules.check(bob.browser, "\(path), for a member")
    }
    let carol = try scene.person("carol")
    try carol.open("/organizations")
    try PageRules.check(carol.browser, "an invitation")
    try dan.open("/profile")
    try PageRules.check(dan.browser, "led to Enable MFA")
  }

  @Test("the pages of a recovery case, of the person and of the judge")
  func recovery() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    try ann.enable()
    try ann.signOut()
    try ann.typePassword()
    try ann.press("to-recovery")
    try PageRules.check(ann.browser, "what a case takes")
    try ann.press("open-recovery")
    try PageRules.check(ann.browser, "an open case")
    try ann.handInEverything()
    try PageRules.check(ann.browser, "a case that is complete")
    try ann.press("submit-recovery")
    try PageRules.check(ann.browser, "a submitted case")
    let desk = try scene.operatorOnDuty()
    try desk.open("/cases")
    try PageRules.check(desk.browser, "the cases")
    try desk.browser.follow { try desk.browser.element("#cases a").click() }
    try PageRules.check(desk.browser, "a case before its judge")
    try desk.open("/audit")
    try PageRules.check(desk.browser, "the audit log of all")
  }
}
