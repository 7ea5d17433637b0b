import Testing

@testable import RelyingParty

@Suite("Sign-up", .onEachStore)
struct SignUpTests {
  @Test("an account is made, without MFA, and its password logs in")
  func signsUp() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    #expect(try console.party.account(ann.session).email == "ann@example.com")
    #expect(try !console.party.mfaStatus(ann.session).isOn)
    #expect(try ann.logIn().means == .password)
  }

  @Test("an address is taken once, whatever its case and the spaces around it")
  func oneAccountAnAddress() throws {
    let console = try Console()
    _ = try Person(console, "ann")
    try console.refuses(.emailTaken) {
      try console.party.signUp(email: "  Ann@Example.COM ", password: "another long password")
    }
  }

  @Test(
    "what is no address is refused",
    arguments: [
      "", "ann", "@example.com", "ann@", "a@b@c", "a b@example.com", "ann@example.com\n.",
      String(repeating: "a", count: 255) + "@example.com", "a\u{0}@example.com",
    ])
  func refusesMalformedAddress(email: String) throws {
    let console = try Console()
    try console.refuses(.emailMalformed) {
      try console.party.signUp(email: email, password: "a long enough password")
    }
  }

  @Test("a password shorter than the rule is refused, one just as long is taken")
  func shortestPassword() throws {
    let console = try Console()
    try console.refuses(.passwordTooShort(least: 12)) {
      try console.party.signUp(email: "ann@example.com", password: "eleven char")
    }
    try console.party.signUp(email: "ann@example.com", password: "twelve chars")
  }

  @Test("characters are counted, not bytes")
  func countsCharacters() throws {
    let console = try Console()
    try console.refuses(.passwordTooShort(least: 12)) {
      try console.party.signUp(email: "ann@example.com", password: "ééééééé")
    }
    try console.party.signUp(email: "ann@example.com", password: "éééééééééééé")
  }

  @Test("a password longer than the rule is refused, one just as long is taken and counts in full")
  func longestPassword() throws {
    let console = try Console()
    let longest = String(repeating: "p", count: 128)
    let manyBytes = String(repeating: "🔑", count: 128)
    for password in [longest + "p", manyBytes] {
      try console.refuses(.passwordTooLong(most: 128, mostBytes: 511)) {
        try console.party.signUp(email: "ann@example.com", password: password)
      }
    }
    try console.party.signUp(email: "ann@example.com", password: longest)
    try console.refuses(.wrongNameOrPassword) {
      try console.party.logIn(email: "ann@example.com", password: longest.dropLast() + "q")
    }
    guard case .signedIn = try console.party.logIn(email: "ann@example.com", password: longest)
    else { throw Unexpected() }
  }

  @Test("a password of 64 characters is taken, whatever their bytes")
  func wideCharacters() throws {
    let console = try Console()
    let wide = String(repeating: "時", count: 64)
    try console.party.signUp(email: "ann@example.com", password: wide)
    guard case .signedIn = try console.party.logIn(email: "ann@example.com", password: wide)
    else { throw Unexpected() }
  }

  @Test("a password that was taken when longer ones were goes on logging in")
  func olderPassword() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let longer = String(repeating: "p", count: 256)
    let party = try console.party
    let hash = try party.passwordHash.hash(longer, setting: party.decoy)
    try party.accountSeals.changing(ann.id) { () throws(Refusal) in
      _ = try party.database.run("UPDATE account SET password_hash = ?", hash)
    }
    guard case .signedIn(let signIn) = try party.logIn(email: ann.email, password: longer)
    else { throw Unexpected() }
    _ = try party.reauthenticate(signIn.session, password: longer)
  }

  @Test("a password with a zero character, or that is the address, is refused")
  func unusablePasswords() throws {
    let console = try Console()
    for password in ["before the zero\u{0}after it", "Ann@example.com"] {
      try console.refuses(.passwordUnusable) {
        try console.party.signUp(email: "ann@example.com", password: password)
      }
    }
  }

  @Test("two accounts with one password have different hashes")
  func saltsPasswords() throws {
    let console = try Console()
    for name in ["ann", "bob"] {
      try console.party.signUp(email: "\(name)@example.com", password: "the same password")
    }
    let hashes = try console.party.database.rows("SELECT password_hash FROM account") { $0.text(0) }
    #expect(Set(hashes).count == 2)
    #expect(hashes.allSatisfy { $0.hasPrefix("$y$") })
  }

  @Test("a password hashed at another cost is hashed anew at the next login")
  func renewsHashes() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    func hash() throws -> String? {
      try console.party.database.first("SELECT password_hash FROM account") { $0.text(0) }
    }
    let before = try hash()
    try ann.logIn()
    #expect(try hash() == before)

    var policy = console.policy
    policy.hashCost = 2
    let costlier = try RelyingParty(
      opening: console.store, keyFile: console.keyFile, policy: policy, clock: { console.now })
    _ = try costlier.logIn(email: ann.email, password: ann.password)
    let after = try #require(try hash())
    #expect(after != before)
    #expect(costlier.passwordHash.isCurrent(after, decoy: costlier.decoy))
    _ = try costlier.logIn(email: ann.email, password: ann.password)
    #expect(try hash() == after)
  }
}
