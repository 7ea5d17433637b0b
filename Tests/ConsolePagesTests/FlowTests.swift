import Enrollment
import Testing

@testable import ConsolePages

@Suite("The flows, page by page")
struct FlowTests {
  let stage: Stage
  let ann: Browser

  init() throws {
    stage = try Stage()
    ann = Browser(stage)
    try ann.signUp("ann")
  }

  @Test("Enable MFA shows key and picture, takes the first code, and shows the backup codes once")
  func enable() throws {
    #expect(ann.text("mfa-state") == "Off")
    try ann.submit("enable-mfa-form")
    #expect(ann.title == "Enable MFA")
    try ann.scan()
    try ann.submit("activate-form", ["code": ann.wrongCode])
    #expect(ann.status == 422)
    #expect(ann.problem?.contains("The code is wrong.") == true)
    try ann.submit("activate-form", ["code": ann.code()])
    #expect(ann.title == "MFA is on")
    let codes = ann.backupCodes
    #expect(codes.count == 10)
    ann.get("/mfa/key")
    #expect(!ann.page.contains(codes[0]))
    #expect(ann.problem?.contains("Backup codes are shown once") == true)
    ann.get("/profile")
    #expect(ann.text("mfa-state") == "On")
    #expect(ann.text("backup-codes-left") == "10")
  }

  @Test("the QR code on the page holds the key that is shown as text")
  func picture() throws {
    try ann.submit("enable-mfa-form")
    try ann.scan()
    ann.get("/mfa/key.png")
    #expect(ann.response.header("Content-Type") == "image/png")
    let texts = try QRPicture.read(ann.response.body, name: "key.png")
    #expect(try OTPAuthURI(parsing: texts[0]).secret == ann.key)
  }

  @Test("a login takes the password and then a code, and the code only once")
  func logIn() throws {
    try ann.enable()
    let other = Browser(stage)
    other.key = ann.key
    try other.logIn("ann")
    #expect(other.title == "Enter your code")
    let code = other.code()
    try other.submit("code-form", ["code": code])
    #expect(other.title == "My Profile")
    let third = Browser(stage)
    try third.logIn("ann")
    try third.submit("code-form", ["code": code])
    #expect(third.problem?.contains("each code works once") == true)
  }

  @Test("a backup code is taken in the same field, and only once")
  func backupCode() throws {
    try ann.enable()
    let code = ann.backupCodes[3]
    let other = Browser(stage)
    try other.logIn("ann")
    try other.submit("code-form", ["code": code.lowercased()])
    #expect(other.text("notice")?.contains("backup code") == true)
    #expect(other.text("backup-codes-left") == "9")
    try other.submit("sign-out-form")
    try other.logIn("ann")
    try other.submit("code-form", ["code": code])
    #expect(other.problem?.contains("none of your unused backup codes") == true)
  }

  @Test("Update MFA keeps the old key until the new one's first code")
  func update() throws {
    try ann.enable()
    let old = ann.key
    ann.get("/profile")
    try ann.submit("update-mfa-form")
    #expect(ann.title == "Update MFA")
    try ann.scan()
    let new = ann.key
    #expect(old != new)
    let other = Browser(stage)
    other.key = old
    try other.logIn("ann")
    try other.submit("code-form", ["code": other.code()])
    #expect(other.title == "My Profile")
    try ann.submit("activate-form", ["code": ann.code()])
    #expect(ann.backupCodes.count == 10)
    stage.clock.pass(60)
    other.get("/profile")
    #expect(other.title == "Log in", "other sessions end with the old key")
    try other.logIn("ann")
    try other.submit("code-form", ["code": other.code()])
    #expect(other.problem?.contains("The code is wrong.") == true)
  }

  @Test("Disable MFA wants the word DISABLE")
  func disable() throws {
    try ann.enable()
    ann.get("/mfa/disable")
    try ann.submit("disable-form", ["confirmation": "disable"])
    #expect(ann.status == 422)
    #expect(ann.page.contains("value=\"disable\""), "what was typed stays")
    try ann.submit("disable-form", ["confirmation": "DISABLE"])
    #expect(ann.text("mfa-state") == "Off")
  }

  @Test("an Organization that enforces MFA is named where it keeps MFA on")
  func enforced() throws {
    try ann.enable()
    ann.get("/organizations")
    try ann.submit("create-organization-form", ["name": "Watchmakers"])
    try ann.submit("enforce-form")
    ann.get("/mfa/disable")
    #expect(ann.text("enforcers")?.contains("Watchmakers") == true)
    #expect(ann.text("disable-mfa-now") == nil)
  }

  @Test("a member without MFA is listed, and led to Enable MFA by the page they have open")
  func led() throws {
    try ann.enable()
    let bob = Browser(stage)
    try bob.signUp("bob")
    ann.get("/organizations")
    try ann.submit("create-organization-form", ["name": "Watchmakers"])
    try ann.submit("invite-form", ["email": "bob@example.com", "role": "member"])
    bob.get("/organizations")
    try bob.submit("join-form-1")
    ann.get("/organizations/1")
    #expect(ann.text("members-without-mfa")?.contains("bob@example.com") == true)
    try ann.submit("enforce-form")
    #expect(ann.text("enforced-from") != nil)
    bob.get("/organizations/1")
    #expect(bob.text("enforcement-notice")?.contains("Watchmakers requires MFA from") == true)
    try ann.submit("grace-form", ["grace-days": "x"])
    #expect(ann.status == 422)
    try ann.submit("grace-form", ["grace-days": "0"])
    #expect(ann.text("notice") == "The grace period is changed.")
    for path in ["/organizations", "/sessions", "/password", "/history", "/cases", "/audit"] {
      bob.get(path)
      #expect(bob.title == "Enable MFA to go on", "nothing else is open to this session: \(path)")
    }
    try bob.enable()
    bob.get("/organizations")
    #expect(bob.text("organization-1") == "Watchmakers")
  }

  @Test("a server that is killed between two pages loses nothing, and turns nothing half on")
  func killed() throws {
    try ann.submit("enable-mfa-form")
    try ann.scan()
    ann.console = try stage.restarted()
    ann.get("/profile")
    #expect(ann.text("mfa-state") == "Off")
    ann.get("/mfa/key")
    try ann.submit("activate-form", ["code": ann.code()])
    let codes = ann.backupCodes
    #expect(codes.count == 10)
    ann.console = try stage.restarted()
    try ann.logOut()
    try ann.logIn("ann")
    ann.console = try stage.restarted()
    try ann.submit("code-form", ["code": codes[0]])
    #expect(ann.text("backup-codes-left") == "9")
  }

  @Test("a session is listed, revoked from another one, and ends at once")
  func sessions() throws {
    let other = Browser(stage)
    try other.logIn("ann")
    ann.get("/sessions")
    #expect(ann.page.contains("Test &lt;b&gt;browser&lt;/b&gt;"))
    try ann.submit("revoke-others-form")
    other.get("/profile")
    #expect(other.title == "Log in")
    ann.get("/history")
    #expect(ann.title == "Audit log")
  }
}
