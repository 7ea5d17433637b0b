import Foundation
import Testing

@Suite("Organizations, clicked through", .enabled(if: Driver.isInstalled))
struct OrganizationTests {
  @Test(
    "who is without MFA is listed, told from when on it is required, and from then on led to it")
  func enforcement() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    try ann.enable()
    let bob = try scene.person("bob")
    let guild = try ann.createOrganization("Guild of clockmakers")
    try ann.admit(bob, to: guild)
    #expect(try bob.text("page-title") == "Guild of clockmakers")
    #expect(try !bob.browser.has("#enforce-mfa, #invite, #members button"))

    try ann.open("/organizations/\(guild)")
    let row = "#member-\(try ann.memberNumber(of: bob))"
    #expect(try ann.browser.element(row + " .role").text == "Member")
    #expect(try ann.browser.element(row + " .mfa").text == "Off")
    try ann.press("enforce-mfa")
    #expect(try ann.text("members-without-mfa").contains(bob.email))
    try bob.open("/organizations/\(guild)")
    #expect(try bob.text("enforcement-notice").contains("Guild of clockmakers"))
    try ann.fill("grace-days", "0")
    try ann.press("change-grace")

    // The session that is there is confined, and so is a new one.
    try bob.open("/organizations/\(guild)")
    #expect(try bob.text("enforcers").contains("Guild of clockmakers"))
    try bob.signOut()
    try bob.typePassword()
    #expect(try bob.text("enforcers").contains("Guild of clockmakers"))
    for path in ["/organizations", "/organizations/\(guild)", "/sessions", "/history", "/password"]
    {
      try bob.open(path)
      #expect(
        try !bob.browser.has("#leave-organization, #sessions, #history, #password-form"), "\(path)")
    }
    try bob.enable()
    try bob.open("/sessions")
    #expect(try bob.browser.has("#sessions"))
    try ann.open("/organizations/\(guild)")
    #expect(try ann.browser.element(row + " .mfa").text == "On")
  }

  @Test("while an Organization enforces MFA it is not disabled; after leaving it, it is")
  func disabling() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    try ann.enable()
    let bob = try scene.person("bob")
    try bob.enable()
    for name in ["First guild", "Second guild"] {
      let guild = try ann.createOrganization(name)
      try ann.admit(bob, to: guild)
      try ann.open("/organizations/\(guild)")
      try ann.press("enforce-mfa")
    }
    try bob.open("/mfa/disable")
    #expect(try bob.text("enforcers").contains("First guild"))
    #expect(try bob.text("enforcers").contains("Second guild"))
    #expect(try !bob.browser.has("#confirmation"))
    for _ in 0..<2 {
      #expect(try bob.mfaState() == "On")
      try bob.open("/mfa/disable")
      try bob.browser.follow {
        try bob.browser.element("#enforcers a[id^=leave-organization-]").click()
      }
      try bob.press("leave-organization")
    }
    try bob.open("/mfa/disable")
    try bob.fill("confirmation", "DISABLE")
    try bob.press("disable-mfa-now")
    #expect(try bob.mfaState() == "Off")
  }

  @Test("a member updates MFA only with the permission for it")
  func permission() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    let bob = try scene.person("bob")
    try bob.enable()
    let guild = try ann.createOrganization("Guild")
    try ann.admit(bob, to: guild)
    try bob.open("/profile")
    #expect(try !bob.browser.has("#update-mfa"))
    #expect(try bob.text("update-forbidders").contains("Guild"))
    try ann.open("/organizations/\(guild)")
    try ann.press("give-permission-\(ann.memberNumber(of: bob))")
    try bob.update()
    try ann.open("/organizations/\(guild)")
    try ann.press("take-permission-\(ann.memberNumber(of: bob))")
    try bob.open("/profile")
    #expect(try !bob.browser.has("#update-mfa"))
  }

  @Test("an Organization keeps an Owner, and is dissolved by its last member")
  func owners() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    let bob = try scene.person("bob")
    let guild = try ann.createOrganization("Guild")
    try ann.admit(bob, to: guild)
    try ann.open("/organizations/\(guild)")
    try ann.press("leave-organization")
    #expect(try ann.browser.has("#problem"))
    try ann.press("dissolve-organization")
    #expect(try ann.browser.has("#problem"))
    try ann.press("make-owner-\(ann.memberNumber(of: bob))")
    try ann.press("leave-organization")
    #expect(try !ann.browser.has("#organization-\(guild)"))
    try bob.open("/organizations/\(guild)")
    try bob.press("dissolve-organization")
    #expect(try !bob.browser.has("#organization-\(guild)"))
  }

  @Test("an invitation is withdrawn, declined, and of no use to anybody else")
  func invitations() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    let bob = try scene.person("bob")
    let eve = try scene.person("eve")
    let guild = try ann.createOrganization("Guild")
    try ann.open("/organizations/\(guild)")
    try ann.fill("email", bob.email)
    try ann.press("invite")
    #expect(try ann.text("invited").contains(bob.email))
    try bob.open("/organizations")
    #expect(try bob.text("invitations").contains("Guild"))
    try eve.open("/organizations")
    #expect(try !eve.browser.has("#invitations"))
    try eve.open("/organizations/\(guild)")
    #expect(try !eve.browser.text.contains(ann.email))
    try ann.press("withdraw-invitation-1")
    // What bob still sees was withdrawn meanwhile.
    try bob.press("accept-invitation-\(guild)")
    #expect(try bob.browser.has("#problem"))
    try ann.open("/organizations/\(guild)")
    try ann.fill("email", bob.email)
    try ann.press("invite")
    try bob.open("/organizations")
    try bob.press("decline-invitation-\(guild)")
    #expect(try !bob.browser.has("#invitations"))
  }
}

extension Person {
  /// The number of another member's account, from the page of the Organization.
  func memberNumber(of other: Person) throws -> String {
    let rows = try browser.elements("#members tbody tr")
    let row = try rows.first { try $0.text.contains(other.email) }
    let id = try row?.attribute("id")
    return String(try #require(id).dropFirst("member-".count))
  }
}
