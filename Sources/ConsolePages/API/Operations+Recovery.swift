import HTTPServer
import JSON
import RelyingParty

extension Operations {
  static let recovery: [Operation] = [
    Operation(
      "GET", "/recovery", "getRecovery", "The newest recovery case", .ticket, .nothing,
      .value(200, .object("RecoveryCase"))
    ) { call in
      guard let found = try call.party.recoveryCase(call.ticket()) else {
        throw Refusal.noRecoveryCase
      }
      return found.json
    },
    Operation(
      "POST", "/recovery", "openRecovery", "Open a recovery case", .ticket,
      .object([Property("isCorporate", .flag)]), .value(201, .object("RecoveryCase"))
    ) { call in
      try call.party.openRecovery(
        call.ticket(), isCorporate: call.flag("isCorporate") == true
      ).json
    },
    Operation(
      "PUT", "/recovery/items/{item}", "handIn", "Hand in words, or a document as a file", .ticket,
      .evidence, .value(200, .object("RecoveryCase"))
    ) { call in
      guard let document = call.document else {
        return try call.party.handIn(call.item, call.text("text"), call.ticket()).json
      }
      return try call.party.handIn(call.item, document: document, call.ticket()).json
    },
    Operation(
      "POST", "/recovery/submission", "submitRecovery", "Submit the case to be decided", .ticket,
      .nothing, .value(200, .object("RecoveryCase"))
    ) { call in try call.party.submitRecovery(call.ticket()).json },
    Operation("DELETE", "/recovery", "withdrawRecovery", "Withdraw the case", .ticket) { call in
      try call.party.withdrawRecovery(call.ticket())
      return .null
    },
    Operation(
      "GET", "/account/recovery", "getPendingRecovery",
      "A recovery case of one's account that may still turn MFA off, for any session of it",
      .session, .nothing, .value(200, .object("RecoveryNotice"))
    ) { call in
      guard let found = try call.party.pendingRecovery(call.session()) else {
        throw Refusal.noRecoveryCase
      }
      return found.json
    },
    Operation(
      "DELETE", "/account/recovery", "stopRecovery", "Stop it, also once it is approved"
    ) { call in
      try call.party.withdrawRecovery(call.session())
      return .null
    },
  ]

  static let cases: [Operation] = [
    Operation(
      "GET", "/cases", "listCases",
      "The cases that wait, for a support operator; without what was handed in",
      .session, .nothing,
      .value(200, .list(.object("RecoveryCase")))
    ) { call in try call.party.recoveryCases(call.session()).json },
    Operation(
      "GET", "/cases/{case}", "getCase", "One case; that it was read is logged", .session, .nothing,
      .value(200, .object("RecoveryCase"))
    ) { call in try call.party.recoveryCase(call.recoveryCase, call.session()).json },
    Operation(
      "GET", "/cases/{case}/documents/{item}", "getDocument", "A document of a case", .session,
      .nothing, .file
    ) { _ in .null },
    Operation(
      "POST", "/cases/{case}/approval", "approveCase",
      "Approve: MFA is turned off after the waiting time, unless somebody stops it"
    ) { call in
      try call.party.approveRecovery(call.recoveryCase, call.session())
      return .null
    },
    Operation(
      "POST", "/cases/{case}/refusal", "refuseCase", "Refuse, or stop an approval that waits",
      .session, .object([Property("reason", .text)])
    ) { call in
      try call.party.refuseRecovery(
        call.recoveryCase, reason: call.text("reason"), call.session())
      return .null
    },
  ]

  /// For a person who wrote by post, or who lost the password too.
  static let casesByHand: [Operation] = [
    Operation(
      "POST", "/cases", "openCase", "Open a case by hand, as a support operator", .session,
      .object([Property("email", .text), Property("isCorporate", .flag)]),
      .value(201, .object("RecoveryCase"))
    ) { call in
      try call.party.openRecovery(
        for: call.text("email"), isCorporate: call.flag("isCorporate") == true, call.session()
      ).json
    },
    Operation(
      "PUT", "/cases/{case}/items/{item}", "handInForCase",
      "Put words, or a document as a file, into a case opened by hand", .session, .evidence,
      .value(200, .object("RecoveryCase"))
    ) { call in
      let (item, id) = (try call.item, try call.recoveryCase)
      guard let document = call.document else {
        return try call.party.handIn(item, call.text("text"), for: id, call.session()).json
      }
      return try call.party.handIn(item, document: document, for: id, call.session()).json
    },
    Operation(
      "POST", "/cases/{case}/submission", "submitCase", "Submit a case opened by hand", .session,
      .nothing, .value(200, .object("RecoveryCase"))
    ) { call in try call.party.submitRecovery(call.recoveryCase, call.session()).json },
  ]

  static func document(_ call: Call) throws -> HTTPResponse {
    let document = try call.party.document(call.item, of: call.recoveryCase, call.session())
    var response = HTTPResponse(
      type: document.mediaType?.rawValue ?? "application/octet-stream", body: document.content)
    response.set("Content-Disposition", "attachment")
    return response
  }
}
