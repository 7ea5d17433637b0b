import OATH
import Testing

@testable import RelyingParty

extension Person {
  /// Makes an Organization that the others join as members.
  func makeOrganization(_ name: String, _ members: [Person] = []) throws -> Organization.ID {
    let id = try console.party.createOrganization(named: name, session).id
    for member in members {
      try console.party.invite(member.email, to: id, session)
      try console.party.join(id, member.session)
    }
    return id
  }
}

@Suite("Organizations", .onEachStore)
struct OrganizationTests {
  @Test("who makes one is its Owner; who was invited and joined is a member")
  func membership() throws {
    let console = try Console()
    let owner = try Person(console, "owner")
    let ann = try Person(console, "ann", mfa: true)
    let acme = try owner.makeOrganization("Acme", [ann])
    let members = try console.party.members(of: acme, ann.session)
    #expect(members.map(\.email) == ["ann@example.com", "owner@example.com"])
    #expect(members.map(\.role) == [.member, .owner])
    #expect(members.map(\.hasMFA) == [true, false])
    #expect(members.allSatisfy { !$0.mayManageMFA })
    try console.restart()
    #expect(try console.party.organizations(ann.session).map(\.name) == ["Acme"])
  }

  @Test("names are 1 to 100 bytes on one line and taken once, whatever their case")
  func names() throws {
    let console = try Console()
    let owner = try Person(console, "owner")
    for name in ["", String(repeating: "x", count: 101), "two\nlines", "a\u{0}b"] {
      try console.refuses(.nameUnusable(mostBytes: 100)) {
        try console.party.createOrganization(named: name, owner.session)
      }
    }
    _ = try owner.makeOrganization("Acme")
    try console.refuses(.nameTaken) {
      try console.party.createOrganization(named: "ACME", owner.session)
    }
  }

  @Test("an invitation alone has no effect: it counts from the moment one joins")
  func invitationIsNoMembership() throws {
    let console = try Console()
    let owner = try Person(console, "owner", mfa: true)
    let ann = try Person(console, "ann", mfa: true)
    let acme = try owner.makeOrganization("Acme")
    try console.party.enforceMFA(in: acme, grace: Seconds(0), owner.session)
    try console.party.invite(ann.email, to: acme, owner.session)
    #expect(try console.party.invitations(ann.session).map(\.organization.name) == ["Acme"])
    #expect(try console.party.organizations(ann.session).isEmpty)
    try console.refuses(.notAMember) { try console.party.members(of: acme, ann.session) }
    try ann.update()
    try ann.prove()
    ann.session = try console.party.disable(ann.session, typed: "DISABLE")
    try console.party.decline(acme, ann.session)
    try console.refuses(.notInvited) { try console.party.join(acme, ann.session) }
    try console.refuses(.notInvited) { try console.party.decline(acme, ann.session) }
  }

  @Test("inviting does not tell whether an address has an account")
  func inviteUnknown() throws {
    let console = try Console()
    let owner = try Person(console, "owner")
    let ann = try Person(console, "ann")
    let acme = try owner.makeOrganization("Acme")
    for email in [ann.email, "nobody@example.com"] {
      try console.party.invite(email, to: acme, as: .owner, mayManageMFA: true, owner.session)
    }
    let invited = try console.party.invited(to: acme, owner.session)
    #expect(invited.map(\.email) == ["ann@example.com", "nobody@example.com"])
    #expect(invited.allSatisfy { $0.role == .owner && $0.mayManageMFA })
    let entries = try console.party.history(owner.session).filter { $0.event == .memberInvited }
    #expect(entries.map(\.subject) == [nil, nil])
    #expect(try console.party.members(of: acme, owner.session).map(\.email) == [owner.email])
  }

  @Test("an invitation waits for sign-up, and then makes a plain member of whoever signed up")
  func invitationBeforeSignUp() throws {
    let console = try Console()
    let owner = try Person(console, "owner")
    let acme = try owner.makeOrganization("Acme")
    let party = try console.party
    try party.invite(
      "late@example.com", to: acme, as: .owner, mayManageMFA: true, owner.session)
    console.pass(1)
    let late = try Person(console, "late")
    let received = try #require(try party.invitations(late.session).first)
    #expect(received.role == .member && !received.mayManageMFA)
    try party.join(acme, late.session)
    let member = try party.membership(in: acme, late.session)
    #expect(member.role == .member && !member.mayManageMFA)
    let joined = try #require(try party.history(of: acme, owner.session).last)
    #expect(joined.event == .memberJoined)
    #expect(joined.detail == "the account is newer than the invitation")
  }

  @Test("an invitation names who invited and what accepting allows, and ends with their office")
  func invitationNames() throws {
    let console = try Console()
    let owner = try Person(console, "owner", mfa: true)
    let other = try Person(console, "other")
    let ann = try Person(console, "ann")
    let acme = try owner.makeOrganization("Acme", [other])
    let party = try console.party
    try party.setRole(.owner, of: other.id, in: acme, owner.session)
    try party.invite(ann.email, to: acme, as: .owner, other.session)
    let received = try #require(try party.invitations(ann.session).first)
    #expect(received.inviter == other.email && received.role == .owner)
    #expect(received.allows.contains { $0.contains("can turn your MFA off") })
    // An Owner who is removed leaves no invitation behind that counts.
    try party.remove(other.id, from: acme, owner.session)
    #expect(try party.invitations(ann.session).isEmpty)
    try console.refuses(.notInvited) { try party.join(acme, ann.session) }
    #expect(try party.invited(to: acme, owner.session).map(\.email) == [ann.email])
  }

  @Test(
    "accepting, giving a role or the permission, and inviting to more than a plain member are proved"
  )
  func membershipIsProved() throws {
    let console = try Console()
    let owner = try Person(console, "owner")
    let ann = try Person(console, "ann")
    let bob = try Person(console, "bob")
    let acme = try owner.makeOrganization("Acme", [ann])
    let party = try console.party
    try party.invite(bob.email, to: acme, owner.session)
    console.pass(console.policy.reauthenticationWindow.rawValue)
    let id = try ann.id
    try console.refuses(.reauthenticationNeeded) { try party.join(acme, bob.session) }
    try console.refuses(.reauthenticationNeeded) {
      try party.setRole(.owner, of: id, in: acme, owner.session)
    }
    try console.refuses(.reauthenticationNeeded) {
      try party.setMayManageMFA(true, of: id, in: acme, owner.session)
    }
    try console.refuses(.reauthenticationNeeded) {
      try party.invite("x@example.com", to: acme, as: .owner, owner.session)
    }
    try console.refuses(.reauthenticationNeeded) {
      try party.invite("x@example.com", to: acme, mayManageMFA: true, owner.session)
    }
    // Whoever belongs to fewer Organizations has fewer that protect their MFA.
    try console.refuses(.reauthenticationNeeded) {
      try party.remove(id, from: acme, owner.session)
    }
    try console.refuses(.reauthenticationNeeded) { try party.leave(acme, ann.session) }
    try party.invite("x@example.com", to: acme, owner.session)
    try party.setMayManageMFA(false, of: id, in: acme, owner.session)
    try bob.prove()
    try party.join(acme, bob.session)
  }

  @Test("an invitation is taken up once, with the newest terms, and can be taken back before")
  func invitationTerms() throws {
    let console = try Console()
    let owner = try Person(console, "owner")
    let ann = try Person(console, "ann")
    let acme = try owner.makeOrganization("Acme")
    let party = try console.party
    try party.invite(ann.email, to: acme, as: .owner, owner.session)
    try party.withdrawInvitation(of: ann.email, to: acme, owner.session)
    try console.refuses(.notInvited) { try party.join(acme, ann.session) }
    try console.refuses(.notInvited) {
      try party.withdrawInvitation(of: ann.email, to: acme, owner.session)
    }
    try party.invite(ann.email, to: acme, as: .owner, owner.session)
    try party.invite(ann.email, to: acme, as: .member, mayManageMFA: true, owner.session)
    try party.join(acme, ann.session)
    let member = try #require(try party.members(of: acme, ann.session).first)
    #expect(member.role == .member && member.mayManageMFA)
    try console.refuses(.notInvited) { try party.join(acme, ann.session) }
    try console.refuses(.alreadyMember("Acme")) {
      try party.invite(ann.email, to: acme, as: .owner, owner.session)
    }
  }

  @Test("only an Owner invites, removes, changes roles and permissions, enforces and dissolves")
  func ownersOnly() throws {
    let console = try Console()
    let owner = try Person(console, "owner")
    let ann = try Person(console, "ann")
    let bob = try Person(console, "bob")
    let stranger = try Person(console, "stranger")
    let acme = try owner.makeOrganization("Acme", [ann, bob])
    for (person, refusal) in [(ann, Refusal.notAnOwner("Acme")), (stranger, .notAMember)] {
      let (party, session, other) = (try console.party, person.session, try bob.id)
      try console.refuses(refusal) { try party.invite("x@example.com", to: acme, session) }
      try console.refuses(refusal) { try party.invited(to: acme, session) }
      try console.refuses(refusal) {
        try party.withdrawInvitation(of: "x@example.com", to: acme, session)
      }
      try console.refuses(refusal) { try party.remove(other, from: acme, session) }
      try console.refuses(refusal) { try party.setRole(.owner, of: other, in: acme, session) }
      try console.refuses(refusal) { try party.setMayManageMFA(true, of: other, in: acme, session) }
      try console.refuses(refusal) { try party.enforceMFA(in: acme, session) }
      try console.refuses(refusal) { try party.dissolve(acme, session) }
    }
  }

  @Test("the last Owner can neither leave, nor be removed, nor become a member")
  func lastOwner() throws {
    let console = try Console()
    let owner = try Person(console, "owner")
    let ann = try Person(console, "ann")
    let acme = try owner.makeOrganization("Acme", [ann])
    let (party, id) = (try console.party, try owner.id)
    try console.refuses(.lastOwner("Acme")) { try party.leave(acme, owner.session) }
    try console.refuses(.lastOwner("Acme")) { try party.remove(id, from: acme, owner.session) }
    try console.refuses(.lastOwner("Acme")) {
      try party.setRole(.member, of: id, in: acme, owner.session)
    }
    // An invitation to be Owner is none yet.
    let bob = try Person(console, "bob")
    try party.invite(bob.email, to: acme, as: .owner, owner.session)
    try console.refuses(.lastOwner("Acme")) { try party.leave(acme, owner.session) }
    try party.setRole(.owner, of: ann.id, in: acme, owner.session)
    try party.leave(acme, owner.session)
    try console.refuses(.lastOwner("Acme")) { try party.leave(acme, ann.session) }
  }

  @Test("an Organization is dissolved by its only member")
  func dissolves() throws {
    let console = try Console()
    let owner = try Person(console, "owner")
    let ann = try Person(console, "ann")
    let acme = try owner.makeOrganization("Acme", [ann])
    try console.refuses(.membersRemain("Acme")) { try console.party.dissolve(acme, owner.session) }
    try console.party.leave(acme, ann.session)
    try console.refuses(.notAMember) { try console.party.leave(acme, ann.session) }
    try console.party.dissolve(acme, owner.session)
    #expect(try console.party.organizations(owner.session).isEmpty)
  }

  @Test("a member who was removed is one no longer; nobody is removed twice")
  func removes() throws {
    let console = try Console()
    let owner = try Person(console, "owner")
    let ann = try Person(console, "ann")
    let acme = try owner.makeOrganization("Acme", [ann])
    try console.party.remove(ann.id, from: acme, owner.session)
    #expect(try console.party.organizations(ann.session).isEmpty)
    try console.refuses(.notAMember) {
      try console.party.remove(ann.id, from: acme, owner.session)
    }
    try console.refuses(.notAMember) {
      try console.party.setRole(.owner, of: ann.id, in: acme, owner.session)
    }
  }
}
