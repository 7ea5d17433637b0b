import JSON
import RelyingParty

extension Operations {
  static let operators: [Operation] = [
    Operation(
      "GET", "/operators", "listOperators", "The support operators, for one of them", .session,
      .nothing, .value(200, .list(.object("Account")))
    ) { call in try call.party.operators(call.session()).json },
    Operation(
      "POST", "/operators", "appointOperator",
      "Make an account a support operator, as one with MFA and a recent proof", .session,
      .object([Property("email", .text)])
    ) { call in
      try call.party.appointOperator(call.text("email"), call.session())
      return .null
    },
    Operation(
      "DELETE", "/operators/{account}", "dismissOperator",
      "Dismiss a support operator, as one with MFA and a recent proof"
    ) { call in
      try call.party.dismissOperator(call.account, call.session())
      return .null
    },
  ]
}
