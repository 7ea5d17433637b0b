import OATH
import Testing

@testable import RelyingParty

@Suite("Backup codes", .onEachStore)
struct BackupCodeTests {
  @Test("a set is ten different codes of two groups, without characters that look alike")
  func shape() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    #expect(Set(ann.backupCodes).count == 10)
    for code in ann.backupCodes {
      #expect(code.wholeMatch(of: /[2-9A-HJKMNP-Z]{5}-[2-9A-HJKMNP-Z]{5}/) != nil)
    }
    #expect(BackupCode.alphabet.count == 31)
  }

  @Test("a code is taken in the same field, once, also after a restart")
  func onceEach() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    for (used, code) in ann.backupCodes.enumerated() {
      let signIn = try ann.logIn(code)
      #expect(signIn.means == .backupCode)
      #expect(signIn.backupCodesLeft == 9 - used)
      try console.restart()
      let ticket = try ann.ticket()
      try console.refuses(.wrongBackupCode) { try console.party.logIn(ticket, code: code) }
    }
    try ann.logIn()
  }

  @Test("lower case, spaces and a missing hyphen are taken")
  func typedLoosely() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    try ann.logIn(ann.backupCodes[0].lowercased())
    try ann.logIn(" " + ann.backupCodes[1].replacing("-", with: "") + " ")
    try ann.logIn(ann.backupCodes[2].replacing("-", with: " "))
  }

  @Test("one person's codes do not let another one in")
  func personal() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let bob = try Person(console, "bob", mfa: true)
    let ticket = try ann.ticket()
    try console.refuses(.wrongBackupCode) {
      try console.party.logIn(ticket, code: bob.backupCodes[0])
    }
  }

  @Test("with a backup code one logs in, then disables or updates")
  func regainAccess() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    ann.token = nil
    try ann.logIn(ann.backupCodes[9])
    try ann.update()
    try ann.logIn()
    ann.token = nil
    try ann.logIn(ann.backupCodes[0])
    ann.session = try console.party.disable(ann.session, typed: "DISABLE")
    #expect(try ann.logIn().means == .password)
  }

  @Test("a code is never all digits, so that the token's code is not mistaken for one")
  func neverAllDigits() throws {
    // A source whose first ten bytes would spell ten digits, then ten letters.
    var next: UInt8 = 0
    let random = RandomSource { buffer in
      for index in buffer.indices {
        buffer[index] = next < 10 ? 0 : 20
        next += 1
      }
    }
    let code = try BackupCode(random: random)
    #expect(code.text == "PPPPPPPPPP" || code.text.allSatisfy(\.isLetter))
    #expect(next == 20)
    #expect(BackupCode(parsing: "22222-22222") == nil)
  }

  @Test("every character is as likely as any other")
  func fairCharacters() throws {
    // All 256 bytes in turn: those of the incomplete last round are drawn again.
    var next: UInt8 = 0
    let random = RandomSource { buffer in
      for index in buffer.indices {
        buffer[index] = next
        next &+= 1
      }
    }
    var counts: [Int: Int] = [:]
    for _ in 0..<248 { counts[try random.number(below: 31), default: 0] += 1 }
    #expect(counts.count == 31 && counts.values.allSatisfy { $0 == 8 })
  }

  @Test("what is printed of a set, a session or a ticket does not have it")
  func descriptions() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let codes = BackupCodes(codes: ann.backupCodes)
    #expect("\(codes)" == "10 backup codes")
    #expect(codes.text.split(separator: "\n").map(String.init) == ann.backupCodes)
    #expect("\(ann.session)" == "a session")
    #expect("\(try ann.ticket())" == "a login ticket")
  }
}
