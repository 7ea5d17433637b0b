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
      "PUT", "/recovery/items/{item}", "handIn", "Hand in a fact or a document", .ticket, .evidence,
      .value(200, .object("RecoveryCase"))
    ) { call in
      guard case .form(let form) = call.request.body else {
        return try call.party.handIn(call.item, call.text("text"), call.ticket()).json
      }
      let file = form.files["document"]
      return try call.party.handIn(
        call.item, document: Document(name: file?.name ?? "", content: file?.content ?? []),
        call.ticket()
      ).json
    },
    Operation(
      "POST", "/recovery/submission", "submitRecovery", "Submit the case to be judged", .ticket,
      .nothing, .value(200, .object("RecoveryCase"))
    ) { call in try call.party.submitRecovery(call.ticket()).json },
    Operation("DELETE", "/recovery", "withdrawRecovery", "Withdraw the case", .ticket) { call in
      try call.party.withdrawRecovery(call.ticket())
      return .null
    },
  ]

  static let cases: [Operation] = [
    Operation(
      "GET", "/cases", "listCases", "The submitted cases one may decide, as a support operator",
      .session, .nothing,
      .value(200, .list(.object("RecoveryCase")))
    ) { call in try call.party.recoveryCases(call.session()).json },
    Operation(
      "GET", "/cases/{case}", "getCase", "One case", .session, .nothing,
      .value(200, .object("RecoveryCase"))
    ) { call in try call.party.recoveryCase(call.recoveryCase, call.session()).json },
    Operation(
      "GET", "/cases/{case}/documents/{item}", "getDocument", "A document of a case", .session,
      .nothing, .file
    ) { _ in .null },
    Operation(
      "POST", "/cases/{case}/approval", "approveCase", "Approve: MFA is taken off"
    ) { call in
      try call.party.approveRecovery(call.recoveryCase, call.session())
      return .null
    },
    Operation(
      "POST", "/cases/{case}/refusal", "refuseCase", "Refuse, with a reason for the person",
      .session, .object([Property("reason", .text)])
    ) { call in
      try call.party.refuseRecovery(
        call.recoveryCase, reason: call.text("reason"), call.session())
      return .null
    },
  ]

  static func document(_ call: Call) throws -> HTTPResponse {
    let document = try call.party.document(call.item, of: call.recoveryCase, call.session())
    var response = HTTPResponse(
      type: document.mediaType?.rawValue ?? "application/octet-stream", body: document.content)
    response.set("Content-Disposition", "attachment")
    return response
  }
}
