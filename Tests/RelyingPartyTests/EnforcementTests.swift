import OATH
import Testing

@testable import RelyingParty

@Suite("Enforcing MFA", .onEachStore)
struct EnforcementTests {
  private static let day: Int64 = 86_400

  @Test("until its date members see it and keep working; from then on every session is confined")
  func date() throws {
    let console = try Console {
      $0.sessionLifetime = Seconds(30 * Self.day)
      $0.idleLifetime = Seconds(30 * Self.day)
    }
    let owner = try Person(console, "owner", mfa: true)
    let ann = try Person(console, "ann")
    let bob = try Person(console, "bob")
    let acme = try owner.makeOrganization("Acme", [ann])
    let party = try console.party
    try party.enforceMFA(in: acme, owner.session)
    let date = Seconds(console.now.rawValue + 3 * Self.day)
    #expect(try party.organization(acme, ann.session).enforcedFrom == date)
    let status = try party.mfaStatus(ann.session)
    #expect(status.enforcedBy.map(\.enforcedFrom) == [date] && status.confinedBy.isEmpty)
    // Who joins before it has the same date.
    try party.invite(bob.email, to: acme, owner.session)
    try bob.prove()
    try party.join(acme, bob.session)
    #expect(try party.mfaStatus(bob.session).enforcedBy.map(\.enforcedFrom) == [date])

    console.now = Seconds(date.rawValue - 1)
    _ = try party.organizations(ann.session)
    guard case .signedIn(let later) = try ann.passwordStep() else { throw Unexpected() }
    console.pass(1)
    let refusal = Refusal.mustEnableFirst(["Acme"])
    for session in [ann.session, bob.session, later.session] {
      try console.refuses(refusal) { try party.organizations(session) }
      try console.refuses(refusal) { try party.members(of: acme, session) }
      try console.refuses(refusal) { try party.leave(acme, session) }
      try console.refuses(refusal) { try party.createOrganization(named: "Other", session) }
      try console.refuses(refusal) { try party.history(session) }
      try console.refuses(refusal) { try party.changePassword(session, to: "a new long password") }
      #expect(try party.mayOnlyEnable(session))
    }
    guard case .enableNeeded(let led, let by) = try ann.passwordStep() else { throw Unexpected() }
    #expect(by.map(\.name) == ["Acme"])
    ann.session = led
    try ann.enable()
    #expect(try party.organizations(ann.session).map(\.name) == ["Acme"])
    #expect(try !party.mayOnlyEnable(ann.session))
    #expect(try ann.logIn().means == .code)
  }

  @Test("without a grace period all sessions without MFA are confined at once")
  func atOnce() throws {
    let console = try Console()
    let owner = try Person(console, "owner", mfa: true)
    let ann = try Person(console, "ann")
    let acme = try owner.makeOrganization("Acme", [ann])
    let party = try console.party
    try party.enforceMFA(in: acme, grace: Seconds(0), owner.session)
    try console.refuses(.mustEnableFirst(["Acme"])) { try party.members(of: acme, ann.session) }
    try party.stopEnforcingMFA(in: acme, owner.session)
    _ = try party.members(of: acme, ann.session)
  }

  @Test("after the date one joins with MFA only")
  func joining() throws {
    let console = try Console()
    let owner = try Person(console, "owner", mfa: true)
    let ann = try Person(console, "ann")
    let acme = try owner.makeOrganization("Acme")
    let party = try console.party
    try party.enforceMFA(in: acme, grace: Seconds(0), owner.session)
    try party.invite(ann.email, to: acme, owner.session)
    try console.refuses(.mustEnableToJoin("Acme")) { try party.join(acme, ann.session) }
    try ann.enable()
    try party.join(acme, ann.session)
    #expect(try party.members(of: acme, ann.session).count == 2)
  }

  @Test("only an Owner with MFA enforces; ending it, and a longer grace period, take a fresh proof")
  func authority() throws {
    let console = try Console()
    let owner = try Person(console, "owner")
    let ann = try Person(console, "ann", mfa: true)
    let acme = try owner.makeOrganization("Acme", [ann])
    let party = try console.party
    try console.refuses(.ownMFANeeded) { try party.enforceMFA(in: acme, owner.session) }
    try console.refuses(.notAnOwner("Acme")) { try party.enforceMFA(in: acme, ann.session) }
    try owner.enable()
    for grace in [Seconds(-1), Seconds(366 * Self.day)] {
      try console.refuses(.graceUnusable(mostDays: 365)) {
        try party.enforceMFA(in: acme, grace: grace, owner.session)
      }
    }
    try party.enforceMFA(in: acme, grace: Seconds(Self.day), owner.session)
    console.pass(console.policy.reauthenticationWindow.rawValue)
    try console.refuses(.reauthenticationNeeded) {
      try party.stopEnforcingMFA(in: acme, owner.session)
    }
    try console.refuses(.reauthenticationNeeded) {
      try party.enforceMFA(in: acme, grace: Seconds(2 * Self.day), owner.session)
    }
    try party.enforceMFA(in: acme, grace: Seconds(3600), owner.session)
    try owner.prove()
    try party.enforceMFA(in: acme, grace: Seconds(5 * Self.day), owner.session)
    try party.stopEnforcingMFA(in: acme, owner.session)
    let entries = try party.history(of: acme, owner.session).suffix(4)
    #expect(
      entries.map(\.event)
        == [.enforcementBegun, .graceShortened, .graceLengthened, .enforcementEnded])
    #expect(
      entries.map(\.detail)
        == ["grace 1 day", "from 1 day to 1 hour", "from 1 hour to 5 days", nil])
  }

  @Test("from when it is set, nobody disables MFA, whatever the date")
  func disabling() throws {
    let console = try Console()
    let owner = try Person(console, "owner", mfa: true)
    let acme = try owner.makeOrganization("Acme")
    try console.party.enforceMFA(in: acme, owner.session)
    try console.refuses(.mfaEnforced(["Acme"])) {
      try console.party.disable(owner.session, typed: "DISABLE")
    }
  }
}
