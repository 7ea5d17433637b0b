import HTTPServer
import JSON
import RelyingParty

/// All operations of the API.
enum Operations {
  static let all: [Operation] =
    account + mfa + organizations + members + sessions + recovery + cases + casesByHand
    + operators

  private static let email = Property("email", .text)
  private static let password = Property("password", .text)
  private static let code = Property("code", .text)
  private static let done: JSON = .null

  private static let account: [Operation] = [
    Operation(
      "POST", "/accounts", "signUp", "Sign up", .nothing, .object([email, password])
    ) { call in
      try call.party.signUp(
        email: call.text("email"), password: call.text("password"), from: call.client)
      return done
    },
    Operation(
      "POST", "/login", "logIn", "Log in: the password", .nothing, .object([email, password]),
      .value(200, .object("Login"))
    ) { call in
      try call.party.logIn(
        email: call.text("email"), password: call.text("password"), from: call.client
      ).json
    },
    Operation(
      "POST", "/login/code", "enterCode", "Log in: the token's code, or a backup code", .ticket,
      .object([code]), .value(200, .object("SessionToken"))
    ) { call in
      try call.party.logIn(call.ticket(), code: call.text("code"), from: call.client).session.json
    },
    Operation("DELETE", "/session", "signOut", "Sign out") { call in
      try call.party.signOut(call.session())
      return done
    },
    Operation(
      "POST", "/session/confirmation", "confirm", "Prove anew who asks, before MFA is changed",
      .session, .object([password, Property("code", .text, optional: true)]),
      .value(200, .object("SessionToken"))
    ) { call in
      try call.party.reauthenticate(
        call.session(), password: call.text("password"),
        code: call.members["code"]?.string, from: call.client
      ).json
    },
    Operation(
      "GET", "/account", "getAccount", "Who is signed in", .session, .nothing,
      .value(200, .object("Account"))
    ) { call in try call.party.account(call.session()).json },
    Operation(
      "PUT", "/account/password", "changePassword", "Change the password; other sessions end",
      .session, .object([password]), .value(200, .object("SessionToken"))
    ) { call in try call.party.changePassword(call.session(), to: call.text("password")).json },
    Operation(
      "GET", "/account/audit", "listAudit", "What happened to the account, oldest first", .session,
      .nothing, .value(200, .list(.object("AuditEntry")))
    ) { call in try call.party.history(call.session()).json },
    Operation(
      "GET", "/audit", "listWholeAudit", "The whole audit log, for support operators", .session,
      .nothing, .value(200, .list(.object("AuditEntry")))
    ) { call in try call.party.auditLog(call.session()).json },
  ]

  private static let mfa: [Operation] = [
    Operation(
      "GET", "/mfa", "getMFA", "How MFA stands", .session, .nothing, .value(200, .object("MFA"))
    ) { call in try call.party.mfaStatus(call.session()).json },
    Operation(
      "POST", "/mfa/enrolment", "beginEnrolment", "Enable or Update MFA: a new key", .session,
      .object([Property("purpose", .choice(["enable", "update"]))]),
      .value(201, .object("Enrolment"))
    ) { call in
      let session = try call.session()
      return call.text("purpose") == "update"
        ? try call.party.beginUpdate(session).json : try call.party.beginEnable(session).json
    },
    Operation(
      "GET", "/mfa/enrolment", "getEnrolment", "The new key that waits for its first code",
      .session, .nothing, .value(200, .object("Enrolment"))
    ) { call in
      guard let enrolment = try call.party.pendingEnrolment(call.session()) else {
        throw Refusal.noEnrolment
      }
      return enrolment.json
    },
    Operation("DELETE", "/mfa/enrolment", "abandonEnrolment", "Drop the new key") { call in
      try call.party.abandonEnrolment(call.session())
      return done
    },
    Operation(
      "POST", "/mfa/activation", "activate", "The new key's first code: MFA is on from here",
      .session, .object([code]), .value(200, .object("Activation"))
    ) { call in
      let activation = try call.party.activate(call.session(), code: call.text("code"))
      var answer = activation.session.json
      answer["backupCodes"] = .array(activation.codes.map(JSON.string))
      return answer
    },
    Operation(
      "POST", "/mfa/disabling", "disableMFA", "Disable MFA; the confirmation is DISABLE", .session,
      .object([Property("confirmation", .text)]), .value(200, .object("SessionToken"))
    ) { call in
      try call.party.disable(call.session(), typed: call.text("confirmation")).json
    },
  ]

  private static let sessions: [Operation] = [
    Operation(
      "GET", "/sessions", "listSessions", "Where one is signed in", .session, .nothing,
      .value(200, .list(.object("Session")))
    ) { call in try call.party.sessions(call.session()).json },
    Operation("DELETE", "/sessions", "revokeOtherSessions", "End all other sessions") { call in
      _ = try call.party.revokeOthers(call.session())
      return done
    },
    Operation("DELETE", "/sessions/{session}", "revokeSession", "End a session") { call in
      try call.party.revoke(
        call.argument("session", SessionEntry.ID.init(parsing:)), call.session())
      return done
    },
  ]
}
