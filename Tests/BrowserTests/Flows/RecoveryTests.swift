import Foundation
import Testing

@Suite("Regaining access, clicked through", .enabled(if: Driver.isInstalled))
struct RecoveryTests {
  @Test("a case goes from handing in to MFA off, judged by a support operator")
  func approved() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    try ann.enable()
    try ann.signOut()
    try ann.openCase()
    // Nothing is judged that is not complete.
    try ann.press("submit-recovery")
    #expect(try ann.browser.has("#problem"))
    try ann.handInEverything()
    try ann.press("submit-recovery")
    #expect(try ann.text("case-state") == "submitted")

    let desk = try scene.operatorOnDuty()
    try desk.open("/cases")
    try desk.browser.follow { try desk.browser.element("#cases a").click() }
    #expect(try desk.text("case-email") == ann.email)
    #expect(try desk.text("evidence").contains("12 Bell Lane"))
    // Until then, MFA is on.
    try ann.typePassword()
    #expect(try ann.path == "/login/code")
    try desk.press("approve-case")
    #expect(try !desk.browser.has("#cases a"))

    try ann.typePassword()
    #expect(try ann.path == "/profile")
    #expect(try ann.text("mfa-state") == "Off")
    try ann.open("/history")
    #expect(try ann.browser.element("#history").text.lowercased().contains("recovery"))
    try ann.enable()
  }

  @Test("a refused case says why, and MFA stays on")
  func refused() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    try ann.enable()
    try ann.signOut()
    try ann.openCase()
    try ann.handInEverything()
    try ann.press("submit-recovery")
    let desk = try scene.operatorOnDuty()
    try desk.open("/cases")
    try desk.browser.follow { try desk.browser.element("#cases a").click() }
    try desk.fill("reason", "The invoice is of <b>another</b> person.")
    try desk.press("refuse-case")
    try ann.open("/recovery")
    #expect(try ann.text("case-reason").contains("The invoice is of <b>another</b> person."))
    // The token was found again.
    try ann.logIn()
    #expect(try ann.mfaState() == "On")
  }

  @Test("who can still log in is told of a case, and withdraws it")
  func withdrawn() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    try ann.enable()
    let thief = try Person(scene.console, "ann")
    try thief.openCase()
    try thief.handInEverything()
    try thief.press("submit-recovery")
    try ann.open("/profile")
    try ann.press("stop-recovery")
    let desk = try scene.operatorOnDuty()
    try desk.open("/cases")
    #expect(try !desk.browser.has("#cases a"))
    #expect(try ann.mfaState() == "On")
  }

  @Test("a document that is none, or too large, is refused, and nothing that was handed in is lost")
  func documents() throws {
    let scene = try Scene()
    let ann = try scene.person("ann")
    try ann.enable()
    try ann.signOut()
    try ann.openCase()
    try ann.handIn(text: "12 Bell Lane", as: "postalAddress")
    let script = try scene.console.room.file("id.png", Data("<script>alert(1)</script>".utf8))
    let huge = try scene.console.room.file(
      "huge.pdf", Data("%PDF-1.7\n".utf8) + Data(count: 30 << 20))
    for file in [script, huge] {
      try ann.browser.element("#document-passport").type(file)
      try ann.press("hand-in-passport")
      #expect(try ann.browser.has("#problem"), "\(file)")
      try ann.open("/recovery")
      #expect(try ann.browser.element("#text-postalAddress").value == "12 Bell Lane")
    }
  }
}

extension Scene {
  /// A support operator, logged in, with MFA on.
  func operatorOnDuty() throws -> Person {
    let desk = try person("desk")
    try desk.enable()
    try console.appointOperator(desk.email)
    return desk
  }
}

extension Person {
  /// From the password to the open case.
  func openCase() throws {
    try typePassword()
    try press("to-recovery")
    try press("open-recovery")
  }

  func handIn(text: String, as item: String) throws {
    try fill("text-" + item, text)
    try press("hand-in-" + item)
  }

  func handIn(document: String, as item: String) throws {
    try browser.element("#document-" + item).type(document)
    try press("hand-in-" + item)
  }

  func handInEverything() throws {
    let paper = try console.room.file("paper.pdf", Data("%PDF-1.7\n%%EOF\n".utf8))
    let texts = [
      ("emailAddress", email), ("postalAddress", "12 Bell Lane"),
      ("phoneNumber", "+44 20 5550 100"),
      ("amountCharged", "12.50 EUR"),
    ]
    for (item, text) in texts { try handIn(text: text, as: item) }
    for item in ["passport", "identityCard", "cardStatement"] {
      try handIn(document: paper, as: item)
    }
  }
}
