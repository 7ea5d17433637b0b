import HTTPServer
import Testing

@testable import ConsolePages

@Suite("Regaining access with neither token nor backup codes")
struct RecoveryTests {
  static let document = HTTPForm.File(
    name: "../<img src=x>.pdf", content: Array("%PDF-1.7 a document".utf8))
  static let facts = [
    "emailAddress": "ann@example.com", "postalAddress": "1 Clock Lane <script>",
    "phoneNumber": "+49 30 1234", "amountCharged": "12.50",
  ]

  let stage: Stage
  let ann: Browser

  init() throws {
    stage = try Stage()
    ann = Browser(stage)
    try ann.signUp("ann")
    try ann.enable()
    try ann.logOut()
  }

  private func handInAll() throws {
    try ann.logIn("ann")
    ann.get("/recovery")
    try ann.submit("open-recovery-form")
    for (item, text) in Self.facts.sorted(by: { $0.key < $1.key }) {
      try ann.submit("hand-in-form-\(item)", ["text-\(item)": text])
      #expect(ann.text("notice") == "This was handed in.", "\(item)")
      #expect(ann.fragment == "hand-in-form-\(item)", "back to where the person was")
      #expect(ann.text("hand-in-form-\(item)") != nil)
    }
    for item in ["passport", "identityCard", "cardStatement"] {
      try ann.submit("hand-in-form-\(item)", files: ["document-\(item)": Self.document])
      #expect(ann.text("notice") == "This was handed in.", "\(item)")
    }
  }

  @Test("a case is handed in, judged by an operator, and MFA is off at the next login")
  func approved() throws {
    try handInAll()
    try ann.submit("submit-recovery-form")
    #expect(ann.text("case-state") == "submitted")
    let judge = Browser(stage)
    try judge.signUp("judge")
    try judge.enable()
    try stage.party { try $0.appointOperator("judge@example.com") }
    judge.get("/cases")
    judge.get("/cases/1")
    #expect(judge.page.contains("1 Clock Lane &lt;script&gt;"))
    judge.get("/cases/1/documents/passport")
    #expect(judge.response.body == Self.document.content)
    #expect(judge.response.header("Content-Disposition")?.hasPrefix("attachment") == true)
    #expect(judge.response.header("Content-Disposition")?.contains("img") == false)
    judge.get("/cases/1")
    try judge.submit("approve-form")
    #expect(judge.text("notice")?.contains("approved") == true)
    judge.get("/cases/1")
    #expect(!judge.page.contains("Clock Lane"), "what was handed in goes with the decision")
    try ann.logIn("ann")
    #expect(ann.text("mfa-state") == "Off")
    #expect(ann.text("recovery-notice") != nil)
  }

  @Test("a refusal gives the reason, and MFA stays on")
  func refused() throws {
    try handInAll()
    try ann.submit("submit-recovery-form")
    let judge = Browser(stage)
    try judge.signUp("judge")
    try judge.enable()
    try stage.party { try $0.appointOperator("judge@example.com") }
    judge.get("/cases/1")
    try judge.submit("refuse-form", ["reason": "The <invoice> is unreadable."])
    ann.get("/recovery")
    #expect(ann.page.contains("The &lt;invoice&gt; is unreadable."))
    ann.get("/login/code")
    #expect(ann.title == "Enter your code")
  }

  @Test("an incomplete case is not taken, and what was handed in stays")
  func incomplete() throws {
    try ann.logIn("ann")
    ann.get("/recovery")
    try ann.submit("open-recovery-form")
    try ann.submit("hand-in-form-phoneNumber", ["text-phoneNumber": "+49 30 1234"])
    try ann.submit("submit-recovery-form")
    #expect(ann.status == 422)
    #expect(ann.problem?.contains("postal address") == true)
    #expect(ann.page.contains("value=\"+49 30 1234\""))
  }

  @Test("a file that is no document is refused, whatever it is called")
  func noDocument() throws {
    try ann.logIn("ann")
    ann.get("/recovery")
    try ann.submit("open-recovery-form")
    let page = HTTPForm.File(name: "passport.pdf", content: Array("<html>".utf8))
    try ann.submit("hand-in-form-passport", files: ["document-passport": page])
    #expect(ann.status == 422)
    let large = HTTPForm.File(
      name: "passport.pdf", content: Array("%PDF-".utf8) + [UInt8](repeating: 0, count: 6 << 20))
    try ann.submit("hand-in-form-passport", files: ["document-passport": large])
    #expect(ann.status == 413)
    #expect(ann.text("missing")?.contains("identity") == true)
  }

  @Test("the way to the cases is shown to operators, and to nobody else")
  func navigation() throws {
    let (bob, owner, judge) = (Browser(stage), Browser(stage), Browser(stage))
    for (browser, name) in [(bob, "bob"), (owner, "owner"), (judge, "judge")] {
      try browser.signUp(name)
    }
    owner.get("/organizations")
    try owner.submit("create-organization-form", ["name": "Watchmakers"])
    try owner.submit("invite-form", ["email": "bob@example.com", "role": "member"])
    bob.get("/organizations")
    try bob.submit("join-form-1")
    try stage.party { try $0.appointOperator("judge@example.com") }
    for (browser, isShown) in [(bob, false), (owner, false), (judge, true)] {
      browser.get("/profile")
      #expect((browser.text("nav-cases") != nil) == isShown)
    }
  }

  @Test("nobody but a judge sees a case, and nobody their own")
  func strangers() throws {
    try handInAll()
    try ann.submit("submit-recovery-form")
    let bob = Browser(stage)
    try bob.signUp("bob")
    for path in ["/cases/1", "/cases/1/documents/passport", "/cases/99", "/cases/x"] {
      bob.get(path)
      #expect(bob.status == 403 || bob.status == 404, "\(path)")
      #expect(!bob.page.contains("Clock Lane"))
    }
  }
}

extension Browser {
  func logOut() throws {
    get("/profile")
    try submit("sign-out-form")
  }
}
