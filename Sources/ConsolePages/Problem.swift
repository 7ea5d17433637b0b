import RelyingParty

/// What a page says has gone wrong, and with which of its fields.
struct Problem {
  let status: Int
  let cause: String
  let wayOut: String
  var field: String?
  /// Seconds until another try is taken.
  var wait: Int64?
  /// Seconds after which a program ought to try again.
  var pause: Int64? { wait ?? (status == 503 ? 5 : nil) }

  init(status: Int, cause: String, wayOut: String = "") {
    self.status = status
    self.cause = cause
    self.wayOut = wayOut
  }

  init(_ refusal: Refusal) {
    status = refusal.status
    cause = refusal.cause
    wayOut = refusal.wayOut
    field = refusal.field
    if case .tooManyTries(let limit) = refusal { wait = limit.length.rawValue }
  }
}

extension Refusal {
  /// The HTTP status (RFC 9110) that says the same.
  var status: Int {
    switch self {
    case .graceUnusable, .resetNotConfirmed, .documentNeeded, .textNeeded, .emailMalformed,
      .passwordTooShort, .passwordTooLong, .passwordUnusable, .notACode,
      .confirmationMissing, .nameUnusable, .evidenceUnusable, .documentUnusable,
      .recoveryIncomplete, .keyNotTimeBased, .wrongCode, .codeUsed, .codeMissing, .wrongBackupCode,
      .wrongPassword:
      422
    case .wrongNameOrPassword, .ticketEnded, .sessionEnded, .reauthenticationNeeded: 401
    case .tooManyTries: 429
    case .mustEnableToJoin, .resetNotPermitted, .ownReset, .mustEnableFirst, .updateNotPermitted,
      .notAnOwner, .ownCase, .notAnOperator,
      .ownMFANeeded:
      403
    case .notAMember, .notInvited, .noSuchSession, .noRecoveryCase, .noSuchDocument,
      .noSuchAccount, .noEnrolment:
      404
    case .memberMFANotOn, .emailTaken, .mfaAlreadyOn, .mfaNotOn, .mfaEnforced, .enrolmentExpired,
      .nameTaken,
      .lastOwner, .alreadyMember, .membersRemain, .recoveryAlreadyOpen, .recoveryNot,
      .lastOperator:
      409
    case .documentTooLarge: 413
    case .storage(.failed): 500
    case .storage: 503
    case .sealing, .noRandomness, .cannotHash: 500
    }
  }

  /// The name of the field that it is about, where a page has it under this name.
  var field: String? {
    switch self {
    case .emailMalformed, .emailTaken, .alreadyMember: "email"
    case .wrongNameOrPassword, .passwordTooShort, .passwordTooLong, .passwordUnusable,
      .wrongPassword:
      "password"
    case .notACode, .wrongCode, .codeUsed, .codeMissing, .wrongBackupCode: "code"
    case .confirmationMissing, .resetNotConfirmed: "confirmation"
    case .graceUnusable: "grace-days"
    case .nameUnusable, .nameTaken: "name"
    case .evidenceUnusable: "reason"
    default: nil
    }
  }

  /// Whether it is about the machine, and its words are for whoever runs the console.
  var isInternal: Bool { status >= 500 }

  /// Whether it is about who asks rather than about what was asked: the same page can do nothing
  /// about it.
  var leadsElsewhere: Bool {
    switch self {
    case .sessionEnded, .ticketEnded, .mustEnableFirst, .reauthenticationNeeded: true
    default: isInternal
    }
  }
}
