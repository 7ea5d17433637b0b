import Enrollment
import OATH
import Testing

@testable import RelyingParty

@Suite("Accounts taken over from another system", .onEachStore)
struct ImportTests {
  private func key(_ kind: OTPAuthURI.Kind) -> OTPAuthURI {
    OTPAuthURI(
      kind: kind, issuer: "Elsewhere", account: "ann", secret: Array(1...32), algorithm: .sha256,
      digits: Digits(rawValue: 8)!, period: Seconds(60))
  }

  @Test("a person logs in as before, with the password and the token they had")
  func logsIn() throws {
    let console = try Console()
    let party = try console.party
    let hash = try party.passwordHash.hash("correct horse battery", setting: party.decoy)
    try party.importAccounts([
      ImportedAccount(email: "Ann@example.com", passwordHash: hash, key: key(.totp)),
      ImportedAccount(email: "bob@example.com", passwordHash: hash, key: nil),
    ])
    guard
      case .codeNeeded(let ticket) = try party.logIn(
        email: "ann@example.com", password: "correct horse battery")
    else { throw Unexpected() }
    #expect(ticket.digits == 8)
    let code = TestToken(Enrolment(uri: key(.totp), expires: console.now)).code(console.now)
    let signIn = try party.logIn(ticket, code: code)
    #expect(signIn.means == .code && signIn.backupCodesLeft == 0)
    guard
      case .signedIn = try party.logIn(
        email: "bob@example.com", password: "correct horse battery")
    else { throw Unexpected() }
  }

  @Test("one that cannot be taken over leaves all out")
  func allOrNone() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let party = try console.party
    let good = ImportedAccount(email: "dan@example.com", passwordHash: party.decoy, key: nil)
    let refused: [(ImportedAccount, Refusal)] = [
      (ImportedAccount(email: ann.email, passwordHash: party.decoy, key: nil), .emailTaken),
      (ImportedAccount(email: "nobody", passwordHash: party.decoy, key: nil), .emailMalformed),
      (
        ImportedAccount(email: "eve@example.com", passwordHash: "abc", key: nil),
        .cannotHash(reason: "a hash to be imported is of a form that it does not take")
      ),
      (
        ImportedAccount(
          email: "eve@example.com", passwordHash: party.decoy, key: key(.hotp(counter: 0))),
        .keyNotTimeBased
      ),
    ]
    for (account, refusal) in refused {
      try console.refuses(refusal) { try party.importAccounts([good, account]) }
    }
  }
}
