import OATH
import Testing

@testable import RelyingParty

@Suite("Turning another person's MFA off", .onEachStore)
struct MemberResetTests {
  private func isOn(_ person: Person) throws -> Bool {
    let party = try person.console.party
    let account = try party.findAccount(email: person.email)
    return try party.credentials.isActive(of: #require(account))
  }

  @Test("an Owner resets a member's MFA; sessions end, and every Organization of theirs logs it")
  func wholeWay() throws {
    let console = try Console()
    let owner = try Person(console, "owner", mfa: true)
    let ann = try Person(console, "ann", mfa: true)
    let acme = try owner.makeOrganization("Acme", [ann])
    let zeta = try owner.makeOrganization("Zeta", [ann])
    let party = try console.party
    let (id, old, ticket) = (try ann.id, ann.session, try ann.ticket())
    let pending = try party.openRecovery(ticket, isCorporate: false).id
    try party.resetMFA(of: id, in: acme, typed: " RESET\n", owner.session)
    try console.refuses(.sessionEnded) { try party.account(old) }
    try console.refuses(.ticketEnded) { try party.resume(ticketCookie: ticket.cookie) }
    #expect(try party.recoveries.find(pending)?.state == .withdrawn)
    #expect(try ann.logIn().means == .password)
    for organization in [acme, zeta] {
      let entry = try #require(try party.history(of: organization, owner.session).last)
      #expect(entry.event == .mfaReset)
      #expect(try entry.actor == owner.id && entry.subject == id)
    }
    try console.refuses(.memberMFANotOn) {
      try party.resetMFA(of: id, in: acme, typed: "RESET", owner.session)
    }
    try ann.enable()
    try ann.logIn()
  }

  @Test("it takes the right in every Organization of the member")
  func everywhere() throws {
    let console = try Console()
    let owner = try Person(console, "owner", mfa: true)
    let banker = try Person(console, "banker", mfa: true)
    let ann = try Person(console, "ann", mfa: true)
    let club = try owner.makeOrganization("Club", [ann])
    let bank = try banker.makeOrganization("Bank", [ann, owner])
    let party = try console.party
    let id = try ann.id
    for organization in [club, bank] {
      try console.refuses(.resetNotPermitted) {
        try party.resetMFA(of: id, in: organization, typed: "RESET", owner.session)
      }
    }
    // The permission there is enough.
    try banker.prove()
    try party.setMayManageMFA(true, of: owner.id, in: bank, banker.session)
    try party.resetMFA(of: id, in: club, typed: "RESET", owner.session)
    #expect(try !isOn(ann))
  }

  @Test("a member with the permission resets members, but no Owner")
  func permission() throws {
    let console = try Console()
    let owner = try Person(console, "owner", mfa: true)
    let second = try Person(console, "second", mfa: true)
    let helper = try Person(console, "helper", mfa: true)
    let ann = try Person(console, "ann", mfa: true)
    let acme = try owner.makeOrganization("Acme", [second, helper, ann])
    let party = try console.party
    let (owners, id) = (try owner.id, try ann.id)
    try console.refuses(.resetNotPermitted) {
      try party.resetMFA(of: id, in: acme, typed: "RESET", helper.session)
    }
    try party.setMayManageMFA(true, of: helper.id, in: acme, owner.session)
    try console.refuses(.resetNotPermitted) {
      try party.resetMFA(of: owners, in: acme, typed: "RESET", helper.session)
    }
    try party.resetMFA(of: id, in: acme, typed: "RESET", helper.session)
    try party.setRole(.owner, of: second.id, in: acme, owner.session)
    try party.resetMFA(of: owners, in: acme, typed: "RESET", second.session)
    #expect(try !isOn(ann) && !isOn(owner))
  }

  @Test("it takes MFA, a fresh proof, the word, and a member other than oneself")
  func conditions() throws {
    let console = try Console()
    let owner = try Person(console, "owner")
    let ann = try Person(console, "ann", mfa: true)
    let stranger = try Person(console, "stranger", mfa: true)
    let acme = try owner.makeOrganization("Acme", [ann])
    let party = try console.party
    let (id, own, other) = (try ann.id, try owner.id, try stranger.id)
    func reset(_ who: Account.ID, _ person: Person, _ typed: String = "RESET") throws {
      try party.resetMFA(of: who, in: acme, typed: typed, person.session)
    }
    try console.refuses(.ownMFANeeded) { try reset(id, owner) }
    try owner.enable()
    try console.refuses(.ownReset) { try reset(own, owner) }
    try console.refuses(.notAMember) { try reset(other, owner) }
    try console.refuses(.notAMember) { try reset(id, stranger) }
    for typed in ["", "reset", "RESET ME"] {
      try console.refuses(.resetNotConfirmed) { try reset(id, owner, typed) }
    }
    console.pass(console.policy.reauthenticationWindow.rawValue)
    try console.refuses(.reauthenticationNeeded) { try reset(id, owner) }
    try owner.prove()
    try reset(id, owner)
    #expect(try !isOn(ann))
  }

  @Test("an invitation gives no right, and a support operator's MFA is not for Owners to reset")
  func operators() throws {
    let console = try Console()
    let mallory = try Person(console, "mallory", mfa: true)
    let ann = try Person(console, "ann", mfa: true)
    let support = try Person(console, "support", mfa: true)
    let club = try mallory.makeOrganization("Club", [support])
    let party = try console.party
    try party.appointOperator(support.email)
    try party.invite(ann.email, to: club, mallory.session)
    let (id, desk) = (try ann.id, try support.id)
    try console.refuses(.notAMember) {
      try party.resetMFA(of: id, in: club, typed: "RESET", mallory.session)
    }
    try console.refuses(.resetNotPermitted) {
      try party.resetMFA(of: desk, in: club, typed: "RESET", mallory.session)
    }
  }

  @Test("whoever runs the console resets anybody's MFA, and every Organization of theirs logs it")
  func onTheMachine() throws {
    let console = try Console()
    let support = try Person(console, "support", mfa: true)
    let acme = try support.makeOrganization("Acme")
    let party = try console.party
    try party.appointOperator(support.email)
    try party.resetMFA(ofAccount: support.email)
    try console.refuses(.sessionEnded) { try party.account(support.session) }
    try support.logIn()
    let entry = try #require(try party.history(of: acme, support.session).last)
    #expect(entry.event == .mfaReset && entry.actor == nil)
    try console.refuses(.memberMFANotOn) { try party.resetMFA(ofAccount: support.email) }
    try console.refuses(.noSuchAccount) { try party.resetMFA(ofAccount: "nobody@example.com") }
  }
}
