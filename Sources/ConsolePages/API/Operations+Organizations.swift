import JSON
import OATH
import RelyingParty

extension Operations {
  static let organizations: [Operation] = [
    Operation(
      "GET", "/organizations", "listOrganizations", "The Organizations one belongs to", .session,
      .nothing, .value(200, .list(.object("Organization")))
    ) { call in try call.party.organizations(call.session()).json },
    Operation(
      "POST", "/organizations", "createOrganization", "Create an Organization, as its Owner",
      .session, .object([Property("name", .text)]), .value(201, .object("Organization"))
    ) { call in
      try call.party.createOrganization(named: call.text("name"), call.session()).json
    },
    Operation(
      "GET", "/organizations/{organization}", "getOrganization", "One Organization", .session,
      .nothing, .value(200, .object("Organization"))
    ) { call in try call.party.organization(call.organization, call.session()).json },
    Operation(
      "PATCH", "/organizations/{organization}", "setEnforcement",
      "Enforce MFA, as an Owner with MFA: after graceDays, or at once without; or no longer",
      .session,
      .object([Property("enforcesMFA", .flag), Property("graceDays", .number, optional: true)]),
      .value(200, .object("Organization"))
    ) { call in
      let session = try call.session()
      try setEnforcement(call, session)
      return try call.party.organization(call.organization, session).json
    },
    Operation(
      "DELETE", "/organizations/{organization}", "dissolveOrganization",
      "Dissolve an Organization whose only member one is"
    ) { call in
      try call.party.dissolve(call.organization, call.session())
      return .null
    },
    Operation(
      "GET", "/organizations/{organization}/audit", "listOrganizationAudit",
      "What happened in an Organization, for its Owners", .session, .nothing,
      .value(200, .list(.object("AuditEntry")))
    ) { call in try call.party.history(of: call.organization, call.session()).json },
    Operation(
      "DELETE", "/organizations/{organization}/membership", "leaveOrganization",
      "Leave an Organization"
    ) { call in
      try call.party.leave(call.organization, call.session())
      return .null
    },
    Operation(
      "GET", "/invitations", "listInvitations", "The Organizations one is invited to, and by whom",
      .session, .nothing, .value(200, .list(.object("ReceivedInvitation")))
    ) { call in try call.party.invitations(call.session()).json },
    Operation("PUT", "/invitations/{organization}", "acceptInvitation", "Join, with a recent proof")
    { call in
      try call.party.join(call.organization, call.session())
      return .null
    },
    Operation("DELETE", "/invitations/{organization}", "declineInvitation", "Decline") { call in
      try call.party.decline(call.organization, call.session())
      return .null
    },
  ]

  static let members: [Operation] = [
    Operation(
      "GET", "/organizations/{organization}/members", "listMembers", "The members", .session,
      .nothing, .value(200, .list(.object("Member")))
    ) { call in try call.party.members(of: call.organization, call.session()).json },
    Operation(
      "PATCH", "/organizations/{organization}/members/{account}", "changeMember",
      "Change a member's role or permission, as an Owner with a recent proof", .session,
      .object([
        Property("role", APISchemas.roles, optional: true),
        Property("mayManageMFA", .flag, optional: true),
      ])
    ) { call in
      try call.party.change(
        call.account, in: call.organization, role: Role(rawValue: call.text("role")),
        mayManageMFA: call.flag("mayManageMFA"), call.session())
      return .null
    },
    Operation(
      "POST", "/organizations/{organization}/members/{account}/mfa-reset", "resetMemberMFA",
      "Turn a member's MFA off, with that right in every Organization of the member, MFA and a "
        + "recent proof; the confirmation is RESET", .session,
      .object([Property("confirmation", .text)])
    ) { call in
      try call.party.resetMFA(
        of: call.account, in: call.organization, typed: call.text("confirmation"), call.session())
      return .null
    },
    Operation(
      "DELETE", "/organizations/{organization}/members/{account}", "removeMember",
      "Remove a member, as an Owner"
    ) { call in
      try call.party.remove(call.account, from: call.organization, call.session())
      return .null
    },
    Operation(
      "GET", "/organizations/{organization}/invitations", "listInvited", "Who is invited",
      .session, .nothing, .value(200, .list(.object("Invitation")))
    ) { call in try call.party.invited(to: call.organization, call.session()).json },
    Operation(
      "POST", "/organizations/{organization}/invitations", "invite", "Invite, as an Owner",
      .session,
      .object([
        Property("email", .text), Property("role", APISchemas.roles, optional: true),
        Property("mayManageMFA", .flag, optional: true),
      ])
    ) { call in
      try call.party.invite(
        call.text("email"), to: call.organization,
        as: Role(rawValue: call.text("role")) ?? .member,
        mayManageMFA: call.flag("mayManageMFA") ?? false, call.session())
      return .null
    },
    Operation(
      "POST", "/organizations/{organization}/withdrawals", "withdrawInvitation",
      "Take an invitation back, as an Owner", .session, .object([Property("email", .text)])
    ) { call in
      try call.party.withdrawInvitation(
        of: call.text("email"), to: call.organization, call.session())
      return .null
    },
  ]

  /// A program that names no grace period wants none; one that is set already stays.
  private static func setEnforcement(_ call: Call, _ session: Session) throws {
    let id = try call.organization
    guard call.flag("enforcesMFA") == true else {
      return try call.party.stopEnforcingMFA(in: id, session)
    }
    var grace: Seconds?
    if let days = call.members["graceDays"]?.integer {
      grace = try call.party.gracePeriod(days: days)
    } else if try !call.party.organization(id, session).enforcesMFA {
      grace = Seconds(0)
    }
    try call.party.enforceMFA(in: id, grace: grace, session)
  }
}
