import OATH
import Testing

@testable import RelyingParty

@Suite("Login", .onEachStore)
struct LoginTests {
  @Test("with MFA on, the password leads to the prompt and the code to a session")
  func twoStages() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let signIn = try ann.logIn()
    #expect(signIn.means == .code)
    #expect(signIn.backupCodesLeft == 10)
    #expect(try console.party.account(signIn.session).email == ann.email)
  }

  @Test("an unknown address is answered as a wrong password is, and as slowly")
  func uniformAnswers() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    try console.refuses(.wrongNameOrPassword) {
      try console.party.logIn(email: ann.email, password: "not her password")
    }
    for email in ["bob@example.com", "no address", ""] {
      try console.refuses(.wrongNameOrPassword) {
        try console.party.logIn(email: email, password: ann.password)
      }
    }
    // Without a hash to compare with, the same work is done under a setting of the same cost.
    let hash = try console.party.passwordHash
    let decoy = try console.party.decoy
    #expect(try !hash.matches("anything", hash: nil, decoy: decoy))
    #expect(hash.isCurrent(try hash.hash("anything", setting: decoy), decoy: decoy))
  }

  @Test("unknown and known addresses are made to wait alike")
  func uniformWaits() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    func answers(_ email: String) throws -> [Refusal] {
      try (0..<8).map { _ in
        do {
          _ = try console.party.logIn(email: email, password: "not the password")
          throw Unexpected()
        } catch let refusal as Refusal {
          return refusal
        }
      }
    }
    let known = try answers(ann.email)
    #expect(try answers("nobody@example.com") == known)
    guard case .tooManyTries = known.last else { throw Unexpected() }
  }

  @Test("a password that could not have been set is wrong, and no more")
  func impossiblePasswords() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    for password in ["", String(repeating: "x", count: 5000), ann.password + "\u{0}"] {
      try console.refuses(.wrongNameOrPassword) {
        try console.party.logIn(email: ann.email, password: password)
      }
    }
  }

  @Test("a wrong code is refused, and the same ticket takes the right one")
  func wrongThenRight() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let ticket = try ann.ticket()
    try console.refuses(.wrongCode) { try console.party.logIn(ticket, code: ann.wrongCode()) }
    _ = try console.party.logIn(ticket, code: ann.token!.code(console.now))
  }

  @Test(
    "what is neither a code nor a backup code is refused without spending a try",
    arguments: [
      "", "12345", "1234567", "12345a", "ABCDE-FGHJ", "ABCDE-FGHJK-L", "ABCDE-FGHI1", "２３４５６７",
      "2345678923",
    ])
  func refusesOtherEntries(typed: String) throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let ticket = try ann.ticket()
    for _ in 0..<20 {
      try console.refuses(.notACode(digits: 6)) { try console.party.logIn(ticket, code: typed) }
    }
    _ = try console.party.logIn(ticket, code: ann.token!.code(console.now))
  }

  @Test("spaces in a code do not matter")
  func takesSpaces() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let code = ann.token!.code(console.now)
    try ann.logIn(" \(code.prefix(3)) \(code.suffix(3)) ")
  }

  @Test("each code is accepted once, also after a restart and by another connection")
  func onceOnly() throws {
    let console = try Console { $0.codeTries = .never }
    let ann = try Person(console, "ann", mfa: true)
    let code = ann.token!.code(console.now)
    _ = try console.party.logIn(ann.ticket(), code: code)
    let ticket = try ann.ticket()
    try console.refuses(.codeUsed) { try console.party.logIn(ticket, code: code) }
    try console.refuses(.codeUsed) { try console.open().logIn(ticket, code: code) }
    try console.restart()
    try console.refuses(.codeUsed) { try console.party.logIn(ticket, code: code) }
    console.passStep()
    try console.refuses(.codeUsed) { try console.party.logIn(ticket, code: code) }
    _ = try console.party.logIn(ticket, code: ann.token!.code(console.now))
  }

  @Test("the code that activated the key is used up")
  func activationCodeIsUsed() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let token = TestToken(try console.party.beginEnable(ann.session))
    let code = token.code(console.now)
    ann.session = try console.party.activate(ann.session, code: code).session
    let ticket = try ann.ticket()
    try console.refuses(.codeUsed) { try console.party.logIn(ticket, code: code) }
  }

  @Test("an older code is refused once a newer one was accepted")
  func olderCode() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let older = ann.token!.code(console.now)
    console.passStep()
    _ = try console.party.logIn(ann.ticket(), code: ann.token!.code(console.now))
    let ticket = try ann.ticket()
    try console.refuses(.codeUsed) { try console.party.logIn(ticket, code: older) }
  }

  @Test("a login ticket is used once and ends in time")
  func ticketEnds() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let ticket = try ann.ticket()
    _ = try console.party.logIn(ticket, code: ann.token!.code(console.now))
    console.passStep()
    try console.refuses(.ticketEnded) {
      try console.party.logIn(ticket, code: ann.token!.code(console.now))
    }
    let late = try ann.ticket()
    console.pass(late.expires.rawValue - console.now.rawValue)
    try console.refuses(.ticketEnded) {
      try console.party.logIn(late, code: ann.token!.code(console.now))
    }
  }

  @Test("one person's ticket does not take another's code")
  func ticketIsPersonal() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let bob = try Person(console, "bob", mfa: true)
    let ticket = try ann.ticket()
    try console.refuses(.wrongCode) {
      try console.party.logIn(ticket, code: bob.token!.code(console.now))
    }
  }

  @Test("a login ticket is no session")
  func ticketIsNoSession() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let ticket = try ann.ticket()
    let forged = Session(bearer: ticket.bearer, expires: ticket.expires)
    try console.refuses(.sessionEnded) { try console.party.disable(forged, typed: "DISABLE") }
    try console.refuses(.sessionEnded) { try console.party.account(forged) }
    try console.refuses(.sessionEnded) { try console.party.mfaStatus(forged) }
  }

  @Test("a session outlives a restart, ends when told to, and ends in time")
  func sessionEnds() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    try console.restart()
    _ = try console.party.account(ann.session)
    try console.party.signOut(ann.session)
    try console.refuses(.sessionEnded) { try console.party.account(ann.session) }
    try ann.logIn()
    console.pass(console.policy.sessionLifetime.rawValue)
    try console.refuses(.sessionEnded) { try console.party.account(ann.session) }
  }

  @Test(
    "keys of every algorithm, of 6 to 8 digits and other periods log in",
    arguments: HashAlgorithm.allCases, [(6, 30), (7, 1), (8, 60)])
  func otherKeys(algorithm: HashAlgorithm, shape: (Int, Int64)) throws {
    let console = try Console {
      $0.algorithm = algorithm
      $0.digits = Digits(rawValue: shape.0)!
      $0.period = Seconds(shape.1)
    }
    let ann = try Person(console, "ann", mfa: true)
    #expect(ann.token?.secret.count == algorithm.digestSize)
    try ann.logIn()
  }
}
