import Testing

@testable import RelyingParty

@Suite("Support operators", .onEachStore)
struct OperatorTests {
  @Test("operators list, appoint and dismiss each other, and each change says who made it")
  func appoint() throws {
    let console = try Console()
    let first = try Person(console, "first", mfa: true)
    let second = try Person(console, "second", mfa: true)
    let party = try console.party
    try party.appointOperator(first.email)
    try party.appointOperator(second.email.uppercased(), first.session)
    #expect(try party.operators(second.session).map(\.email) == [first.email, second.email])
    try party.dismissOperator(first.id, second.session)
    #expect(try party.operators().map(\.email) == [second.email])
    let entries = try party.auditLog(second.session).suffix(2)
    #expect(entries.map(\.event) == [.operatorAppointed, .operatorDismissed])
    #expect(try entries.map(\.actor) == [first.id, second.id])
    #expect(try entries.map(\.subject) == [second.id, first.id])
  }

  @Test("whoever is not an operator, has MFA off, or an old proof, appoints and dismisses nobody")
  func authority() throws {
    let console = try Console()
    let first = try Person(console, "first", mfa: true)
    let weak = try Person(console, "weak")
    let stranger = try Person(console, "stranger", mfa: true)
    let party = try console.party
    try party.appointOperator(first.email)
    try party.appointOperator(weak.email)
    try console.refuses(.notAnOperator) { try party.operators(stranger.session) }
    try console.refuses(.notAnOperator) {
      try party.appointOperator(stranger.email, stranger.session)
    }
    try console.refuses(.notAnOperator) { try party.dismissOperator(first.id, stranger.session) }
    try console.refuses(.ownMFANeeded) { try party.appointOperator(stranger.email, weak.session) }
    try console.refuses(.ownMFANeeded) { try party.dismissOperator(first.id, weak.session) }
    try console.refuses(.noSuchAccount) {
      try party.appointOperator("nobody@example.com", first.session)
    }
    try console.refuses(.noSuchAccount) { try party.dismissOperator(stranger.id, first.session) }
    console.pass(console.policy.reauthenticationWindow.rawValue)
    try console.refuses(.reauthenticationNeeded) {
      try party.appointOperator(stranger.email, first.session)
    }
  }

  @Test("the last operator is dismissed by a command on the machine only")
  func lastOperator() throws {
    let console = try Console()
    let first = try Person(console, "first", mfa: true)
    let party = try console.party
    try party.appointOperator(first.email)
    try console.refuses(.lastOperator) { try party.dismissOperator(first.id, first.session) }
    try party.appointOperator(first.email, false)
    #expect(try party.operators().isEmpty)
    try console.refuses(.notAnOperator) { try party.operators(first.session) }
  }
}
