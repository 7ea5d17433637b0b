import OATH

/// Why the console refused, in the words of the person who asked. A refusal leaves everything as
/// it was, but for the audit log and the count of wrong tries.
public enum Refusal: Error, Equatable, Sendable {
  // Sign-up
  case emailMalformed
  case emailTaken
  case passwordTooShort(least: Int)
  /// In characters, or in bytes.
  case passwordTooLong(most: Int, mostBytes: Int)
  case passwordUnusable

  // Login
  /// The same for a wrong password and for an address that has no account.
  case wrongNameOrPassword
  case tooManyTries(Wait)
  /// The login ticket ran out, was used, or its account's MFA changed meanwhile.
  case ticketEnded
  /// What was typed is neither a code of so many digits nor a backup code; no try was spent.
  case notACode(digits: Int)
  case wrongCode
  /// The code is right, but a code of its time step or a later one was accepted before.
  case codeUsed
  case wrongBackupCode
  /// Of one who is signed in and shows the password again.
  case wrongPassword
  /// MFA is on, and the proof takes a code.
  case codeMissing

  // Sessions
  case sessionEnded
  /// The session may only enable MFA, because these Organizations enforce it.
  case mustEnableFirst([String])
  /// The last proof of who sits there is too old for this.
  case reauthenticationNeeded
  case noSuchSession

  // The account's MFA
  case mfaAlreadyOn
  case mfaNotOn
  case noEnrolment
  case enrolmentExpired
  /// In these Organizations the person is neither Owner nor allowed to manage MFA.
  case updateNotPermitted([String])
  case confirmationMissing
  /// These Organizations of the person enforce MFA.
  case mfaEnforced([String])

  // Organizations
  case nameUnusable(mostBytes: Int)
  case nameTaken
  case notAMember
  case notAnOwner(String)
  case lastOwner(String)
  case notInvited
  case alreadyMember(String)
  case membersRemain(String)
  case graceUnusable(mostDays: Int)
  /// This Organization requires MFA by now.
  case mustEnableToJoin(String)
  /// The right to manage MFA is missing in an Organization of that person. Which one is not said:
  /// it may be none of the asking person's.
  case resetNotPermitted
  case ownReset
  case resetNotConfirmed
  /// The MFA of somebody else is off already.
  case memberMFANotOn

  // Recovery
  case recoveryAlreadyOpen
  case noRecoveryCase
  case recoveryIncomplete([RecoveryRequirement])
  case recoveryNot(RecoveryCase.State)
  case evidenceUnusable(mostBytes: Int)
  case documentTooLarge(mostBytes: Int)
  /// It is empty, or neither a PDF nor a PNG or JPEG picture.
  case documentUnusable
  /// A document has to be a file, and the rest words.
  case documentNeeded
  case textNeeded
  case noSuchDocument
  case ownCase
  case notAnOperator
  /// The only support operator, who cannot be dismissed through the console.
  case lastOperator
  /// Who uses authority over other people's MFA needs MFA themselves.
  case ownMFANeeded
  case noSuchAccount
  /// Of an account to be imported: it counts logins rather than time (HOTP).
  case keyNotTimeBased

  // The machine
  case storage(StorageFailure)
  case sealing(SealingFailure)
  case noRandomness(reason: String)
  case cannotHash(reason: String)
}

extension Refusal: CustomStringConvertible {
  /// The cause and the way out, as sentences.
  public var description: String {
    let wayOut = wayOut
    return wayOut.isEmpty ? cause : cause + " " + wayOut
  }

  /// What is the matter.
  public var cause: String {
    switch self {
    case .emailMalformed: "That is not an e-mail address."
    case .emailTaken: "There is an account with this e-mail address already."
    case .passwordTooShort(let least): "The password is shorter than \(least) characters."
    case .passwordTooLong(let most, let bytes):
      "The password is longer than \(most) characters or \(bytes) bytes."
    case .passwordUnusable: "The password is the e-mail address, or has a zero character in it."
    case .wrongNameOrPassword: "The e-mail address or the password is wrong."
    case .tooManyTries(let wait):
      wait.isLocked
        ? "After too many wrong tries this login is locked for now."
        : "There were several wrong tries."
    case .ticketEnded: "This login took too long, or was finished already."
    case .notACode: "That is neither a code nor a backup code."
    case .wrongCode: "The code is wrong."
    case .codeUsed: "This code, or a later one, was used already; each code works once."
    case .wrongBackupCode: "That is none of your unused backup codes; each works once."
    case .wrongPassword: "The password is wrong."
    case .codeMissing: "MFA is on, and the code is missing."
    case .sessionEnded: "You are no longer signed in."
    case .reauthenticationNeeded: "It is a while since you showed who you are."
    case .noSuchSession: "There is no such session."
    case .mustEnableFirst(let names): "\(listed(names)) requires MFA, and yours is off."
    case .mfaAlreadyOn: "MFA is on already."
    case .mfaNotOn: "MFA is off."
    case .noEnrolment: "There is no new key that waits for its first code."
    case .enrolmentExpired: "The new key waited too long for its first code."
    case .updateNotPermitted(let names):
      "You are neither an Owner nor allowed to manage MFA in \(listed(names))."
    case .confirmationMissing: "MFA stays on: the word DISABLE was not typed."
    case .mfaEnforced(let names): "MFA stays on: it is required by \(listed(names))."
    case .nameUnusable(let most): "A name has 1 to \(most) bytes, on one line."
    case .nameTaken: "There is an Organization of this name already."
    case .notAMember: "There is no such member, or no such Organization."
    case .notAnOwner(let name): "Only an Owner of \(name) may do this."
    case .lastOwner(let name): "You are the last Owner of \(name)."
    case .notInvited: "There is no invitation to this Organization."
    case .alreadyMember(let name): "This person is a member of \(name) already."
    case .membersRemain(let name): "\(name) still has other members."
    case .graceUnusable(let most): "The grace period is not 0 to \(most) days."
    case .mustEnableToJoin(let name): "\(name) requires MFA, and yours is off."
    case .resetNotPermitted:
      "You may turn this person's MFA off only with that right in every Organization they belong to."
    case .ownReset: "This is for somebody else's MFA."
    case .resetNotConfirmed: "Nothing was changed: the word RESET was not typed."
    case .memberMFANotOn: "MFA is off for this account already."
    case .recoveryAlreadyOpen: "There is an open recovery case already."
    case .noRecoveryCase: "There is no such recovery case."
    case .recoveryIncomplete(let missing):
      "Not everything was handed in; missing: "
        + missing.map(\.description).joined(separator: "; ") + "."
    case .recoveryNot(let state): "The recovery case is \(state.rawValue)."
    case .evidenceUnusable(let most): "What is handed in is described in 1 to \(most) bytes."
    case .documentTooLarge(let most):
      "The document is larger than \(most >> 20 > 0 ? "\(most >> 20) MiB" : "\(most) bytes")."
    case .documentUnusable: "This is neither a PDF nor a PNG or JPEG picture."
    case .documentNeeded: "This has to be a document."
    case .textNeeded: "This has to be words, not a file."
    case .noSuchDocument: "There is no such document."
    case .ownCase: "You cannot decide your own recovery case."
    case .notAnOperator: "Only a support operator may do this."
    case .lastOperator: "This is the last support operator."
    case .ownMFANeeded: "This needs MFA on your own account, and yours is off."
    case .noSuchAccount: "There is no account with this e-mail address."
    case .keyNotTimeBased: "A key to be imported counts logins rather than time."
    case .storage(let failure): failure.cause
    case .sealing(let failure): failure.cause
    case .noRandomness(let reason): "The system gives no random bytes: \(reason)."
    case .cannotHash(let reason): "The system's libcrypt cannot hash: \(reason)."
    }
  }

  /// What to do about it; empty where the cause says it all.
  public var wayOut: String {
    switch self {
    case .emailMalformed: "Write it as name@example.com."
    case .emailTaken: "Log in instead."
    case .passwordTooShort: "A few words in a row make a good one."
    case .passwordTooLong: "Choose a shorter one."
    case .passwordUnusable: "Choose another one."
    case .wrongNameOrPassword: "Check both and try again."
    case .tooManyTries(let wait): "Try again in \(wait.inWords)."
    case .ticketEnded: "Start again with your password."
    case .notACode(let digits):
      "A code has \(digits) digits; a backup code looks like \(BackupCode.example)."
    case .wrongCode: "Type the one that the token shows now, and check that its clock is right."
    case .codeUsed: "Wait for the next one."
    case .wrongBackupCode: "Use another one, or a code from your token."
    case .wrongPassword: "Try again."
    case .codeMissing: "Type the one that the token shows now, or a backup code."
    case .sessionEnded: "Log in again."
    case .reauthenticationNeeded: "Show your password again, and a code if MFA is on."
    case .documentTooLarge: "Hand in a smaller one."
    case .documentUnusable: "Hand in one of these."
    case .mustEnableFirst: "Enable MFA first."
    case .mfaAlreadyOn: "Update MFA to change the key."
    case .mfaNotOn: "Enable MFA first."
    case .noEnrolment: "Start again with Enable MFA or Update MFA."
    case .enrolmentExpired: "Nothing was changed; start again."
    case .updateNotPermitted: "Ask an Owner for the permission to manage MFA."
    case .confirmationMissing: "Type DISABLE, in capitals, to turn it off."
    case .mfaEnforced: "Leave these Organizations first, or ask their Owners."
    case .nameTaken: "Choose another one."
    case .notAnOwner: "Ask one."
    case .lastOwner: "Make somebody else Owner first, or dissolve it."
    case .notInvited: "Ask an Owner to invite you."
    case .membersRemain: "Remove them first."
    case .graceUnusable: "Choose a number of days within that."
    case .mustEnableToJoin: "Enable MFA first, then accept the invitation."
    case .resetNotPermitted: "A support operator can do it after checking who they are."
    case .ownReset: "Use Disable MFA on My Profile for your own."
    case .resetNotConfirmed: "Type RESET, in capitals."
    case .documentNeeded: "Hand in a PDF, or a PNG or JPEG picture."
    case .recoveryAlreadyOpen: "Go on with that one."
    case .recoveryIncomplete: "Hand it in, then submit again."
    case .ownCase: "Another support operator has to."
    case .lastOperator: "Appoint another one first."
    case .ownMFANeeded: "Enable MFA on My Profile first."
    case .keyNotTimeBased: "Import the account without it; the person then enables MFA."
    case .storage(let failure): failure.wayOut
    case .sealing(let failure): failure.wayOut
    case .nameUnusable, .memberMFANotOn, .textNeeded, .notAMember, .alreadyMember, .noRecoveryCase,
      .recoveryNot,
      .noSuchSession, .noSuchDocument, .evidenceUnusable, .notAnOperator,
      .noSuchAccount, .noRandomness, .cannotHash:
      ""
    }
  }

  private func listed(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " and " + last
  }
}
