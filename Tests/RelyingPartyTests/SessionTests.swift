import OATH
import Testing

@testable import RelyingParty

@Suite("Sessions of a web server", .onEachStore)
struct SessionTests {
  private let home = Client(address: "192.0.2.1", agent: "Mozilla/5.0")

  @Test("a session is found again by its cookie, and nothing else is one")
  func cookies() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let party = try console.party
    #expect(try party.resume(sessionCookie: ann.session.cookie) == ann.session)
    let ticket = try ann.ticket()
    #expect(try party.resume(ticketCookie: ticket.cookie) == ticket)
    var forged = Array(ann.session.cookie)
    forged[0] = forged[0] == "0" ? "1" : "0"
    for text in [
      "", "x", ticket.cookie, String(forged), ann.session.cookie + "0", "' OR 1=1 --",
      ann.session.cookie.uppercased().replacing("A", with: "g"),
    ] {
      try console.refuses(.sessionEnded) { try party.resume(sessionCookie: text) }
    }
    try console.refuses(.ticketEnded) { try party.resume(ticketCookie: ann.session.cookie) }
  }

  @Test("the database has no cookie, only what it is recognised by")
  func cookiesAreHashed() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    #expect(try !console.contents().contains { $0.lowercased().contains(ann.session.cookie) })
  }

  @Test("a session that is not used for a while ends; each use lets it go on, up to its end")
  func idle() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let party = try console.party
    let idle = console.policy.idleLifetime.rawValue
    let uses = console.policy.sessionLifetime.rawValue / (idle - 1)
    for _ in 0..<uses {
      console.pass(idle - 1)
      _ = try party.resume(sessionCookie: ann.session.cookie)
    }
    console.now = Seconds(ann.session.expires.rawValue - 1)
    _ = try party.resume(sessionCookie: ann.session.cookie)
    console.pass(1)
    try console.refuses(.sessionEnded) { try party.resume(sessionCookie: ann.session.cookie) }

    try ann.logIn()
    console.pass(idle)
    try console.refuses(.sessionEnded) { try party.resume(sessionCookie: ann.session.cookie) }
    try console.refuses(.sessionEnded) { try party.account(ann.session) }
  }

  @Test("a renewed session has another cookie, and the old one is good for nothing")
  func renews() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let party = try console.party
    let renewed = try party.renew(ann.session)
    try console.refuses(.sessionEnded) { try party.account(ann.session) }
    try console.refuses(.sessionEnded) { try party.renew(ann.session) }
    #expect(try party.account(renewed).email == ann.email)
    #expect(renewed.expires == ann.session.expires)
    #expect(try party.sessions(renewed).count == 1)
  }

  @Test("sessions are listed with where they are from and when they were used, and can be revoked")
  func lists() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let bob = try Person(console, "bob")
    let party = try console.party
    console.pass(60)
    guard
      case .signedIn(let signIn) = try party.logIn(
        email: ann.email, password: ann.password, from: home)
    else { throw Unexpected() }
    console.pass(60)
    _ = try party.resume(sessionCookie: ann.session.cookie)
    let listed = try party.sessions(ann.session)
    #expect(listed.map(\.isCurrent) == [true, false])
    #expect(listed[1].address == home.address && listed[1].agent == home.agent)
    #expect(listed[0].lastUse == console.now)
    #expect(listed[1].lastUse.rawValue == console.now.rawValue - 60)

    try console.refuses(.noSuchSession) { try party.revoke(listed[1].id, bob.session) }
    try party.revoke(listed[1].id, ann.session)
    try console.refuses(.sessionEnded) { try party.account(signIn.session) }
    try console.refuses(.noSuchSession) { try party.revoke(listed[1].id, ann.session) }
    try ann.logIn()
    #expect(try party.revokeOthers(ann.session) == 1)
    #expect(try party.sessions(ann.session).count == 1)
    #expect(try party.account(bob.session).email == bob.email)
  }

  @Test("what a client says of itself is cut, and has no control characters")
  func clients() {
    let client = Client(address: "::1\r\nSet-Cookie: a", agent: String(repeating: "a", count: 999))
    #expect(client.address == "::1Set-Cookie: a")
    #expect(client.agent.count == 200)
  }

  // MARK: Proving anew

  @Test("after the window, MFA and password change only after password and code were shown again")
  func proof() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let party = try console.party
    #expect(try party.isFresh(ann.session))
    console.pass(console.policy.reauthenticationWindow.rawValue)
    #expect(try !party.isFresh(ann.session))
    try console.refuses(.reauthenticationNeeded) { try party.beginUpdate(ann.session) }
    try console.refuses(.reauthenticationNeeded) {
      ann.session = try party.disable(ann.session, typed: "DISABLE")
    }
    try console.refuses(.reauthenticationNeeded) {
      try party.changePassword(ann.session, to: "another long password")
    }
    try console.refuses(.codeMissing) {
      try party.reauthenticate(ann.session, password: ann.password)
    }
    try console.refuses(.wrongPassword) {
      try party.reauthenticate(
        ann.session, password: "wrong", code: ann.token!.code(console.now))
    }
    try console.refuses(.wrongCode) {
      try party.reauthenticate(ann.session, password: ann.password, code: ann.wrongCode())
    }
    let code = ann.token!.code(console.now)
    var renewed = try party.reauthenticate(ann.session, password: ann.password, code: code)
    try console.refuses(.sessionEnded) { try party.account(ann.session) }
    try console.refuses(.codeUsed) {
      try party.reauthenticate(renewed, password: ann.password, code: code)
    }
    renewed = try party.disable(renewed, typed: "DISABLE")
    console.pass(console.policy.reauthenticationWindow.rawValue)
    try console.refuses(.reauthenticationNeeded) { try party.beginEnable(renewed) }
    let again = try party.reauthenticate(renewed, password: ann.password)
    _ = try party.beginEnable(again)
  }

  @Test("a first code too takes a recent proof: it is what changes MFA")
  func proofOfFirstCode() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let party = try console.party
    let token = TestToken(try party.beginEnable(ann.session))
    console.pass(console.policy.reauthenticationWindow.rawValue)
    try console.refuses(.reauthenticationNeeded) {
      try party.activate(ann.session, code: token.code(console.now))
    }
    let proved = try party.reauthenticate(ann.session, password: ann.password)
    _ = try party.activate(proved, code: token.code(console.now))
  }

  @Test("wrong passwords shown again count as those of a login")
  func proofIsThrottled() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let party = try console.party
    for _ in 0...console.policy.passwordTries.free {
      try console.refuses(.wrongPassword) {
        try party.reauthenticate(ann.session, password: "wrong")
      }
    }
    #expect {
      try party.reauthenticate(ann.session, password: ann.password)
    } throws: {
      guard case .tooManyTries = $0 as? Refusal else { return false }
      return true
    }
  }

  @Test("a new password ends all other sessions and tickets, and the old one is refused")
  func changesPassword() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let party = try console.party
    let ticket = try ann.ticket()
    let old = ann.session
    try ann.logIn()
    let renewed = try party.changePassword(ann.session, to: "another long password")
    for session in [old, ann.session] {
      try console.refuses(.sessionEnded) { try party.account(session) }
    }
    try console.refuses(.ticketEnded) { try party.resume(ticketCookie: ticket.cookie) }
    try console.refuses(.wrongNameOrPassword) { try ann.passwordStep() }
    guard case .codeNeeded = try party.logIn(email: ann.email, password: "another long password")
    else { throw Unexpected() }
    let proved = try party.reauthenticate(
      renewed, password: "another long password", code: ann.token!.code(console.now))
    try console.refuses(.passwordTooShort(least: 12)) {
      try party.changePassword(proved, to: "short")
    }
  }

  @Test("a proof from before a new password, an update or a disabling counts no more after it")
  func proofsEnd() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let party = try console.party
    ann.session = try party.changePassword(ann.session, to: "another long password")
    try console.refuses(.reauthenticationNeeded) { try party.beginUpdate(ann.session) }
    let code = ann.token!.code(console.now)
    ann.session = try party.reauthenticate(
      ann.session, password: "another long password", code: code)
    console.passStep()
    try ann.update()
    try console.refuses(.reauthenticationNeeded) {
      try party.disable(ann.session, typed: "DISABLE")
    }
    ann.session = try party.reauthenticate(
      ann.session, password: "another long password", code: ann.token!.code(console.now))
    ann.session = try party.disable(ann.session, typed: "DISABLE")
    try console.refuses(.reauthenticationNeeded) { try party.beginEnable(ann.session) }
  }

  @Test(
    "a new password gives up a key that waits for its first code: whoever has it may be a thief")
  func newPasswordDropsKey() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let party = try console.party
    let known = TestToken(try party.beginEnable(ann.session))
    ann.session = try party.changePassword(ann.session, to: "another long password")
    ann.session = try party.reauthenticate(ann.session, password: "another long password")
    #expect(try party.pendingEnrolment(ann.session) == nil)
    try console.refuses(.noEnrolment) {
      try party.activate(ann.session, code: known.code(console.now))
    }
  }

  // MARK: Forms and addresses

  @Test("a form's token is good for its own session only")
  func formTokens() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let party = try console.party
    let token = party.formToken(ann.session)
    #expect(RelyingParty.isFormToken(party.formToken(ann.session), token))
    for other in [
      party.formToken(try ann.ticket()), party.formToken(browser: ann.session.cookie),
      party.formToken(try party.renew(ann.session)), "",
    ] {
      #expect(!RelyingParty.isFormToken(other, token))
    }
    #expect(try party.browserCookie() != party.browserCookie())
  }

  @Test("wrong tries are counted by network address too, and one's own logins do not clear them")
  func countsByAddress() throws {
    let console = try Console {
      $0.addressTries = TryLimit(
        free: 4, firstDelay: Seconds(5), lockAfter: 20, firstLock: Seconds(900),
        longestLock: Seconds(900))
    }
    let ann = try Person(console, "ann")
    let party = try console.party
    for guess in 0...4 {
      guard case .signedIn = try party.logIn(email: ann.email, password: ann.password, from: home)
      else { throw Unexpected() }
      try console.refuses(.wrongNameOrPassword) {
        try party.logIn(email: "victim\(guess)@example.com", password: "guess", from: home)
      }
    }
    for email in [ann.email, "victim9@example.com"] {
      #expect {
        try party.logIn(email: email, password: ann.password, from: home)
      } throws: {
        guard case .tooManyTries = $0 as? Refusal else { return false }
        return true
      }
    }
    let elsewhere = Client(address: "192.0.2.2", agent: "")
    guard
      case .signedIn = try party.logIn(email: ann.email, password: ann.password, from: elsewhere)
    else { throw Unexpected() }
  }

  @Test("accounts made from one network address are limited")
  func limitsSignUps() throws {
    let console = try Console()
    let party = try console.party
    for number in 0...console.policy.signUpTries.free {
      try party.signUp(email: "\(number)@example.com", password: "a long password", from: home)
    }
    #expect {
      try party.signUp(email: "one-more@example.com", password: "a long password", from: home)
    } throws: {
      guard case .tooManyTries = $0 as? Refusal else { return false }
      return true
    }
    #expect(try party.countAccounts() == console.policy.signUpTries.free + 1)
  }
}
