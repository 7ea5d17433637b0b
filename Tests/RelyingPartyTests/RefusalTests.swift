import OATH
import Testing

@testable import RelyingParty

@Suite("Refusals", .onEachStore)
struct RefusalTests {
  @Test("each says what is the matter in sentences that end")
  func sentences() {
    let wait = Wait(until: Seconds(0), length: Seconds(40), isLocked: true)
    let refusals: [Refusal] = [
      .emailMalformed, .passwordTooShort(least: 12), .wrongNameOrPassword, .tooManyTries(wait),
      .notACode(digits: 6), .codeUsed, .mustEnableFirst(["Acme"]), .updateNotPermitted(["Acme"]),
      .mfaEnforced(["Acme", "Zeta", "Umbrella"]), .recoveryIncomplete([.identity, .debit]),
      .recoveryNot(.carriedOut), .storage(.busy), .storage(.full), .ownCase, .notAnOperator,
      .lastOperator, .ownMFANeeded,
    ]
    for refusal in refusals {
      #expect(refusal.description.last == ".", "\(refusal)")
      #expect(refusal.cause.first?.isUppercase == true)
    }
    #expect(
      Refusal.mfaEnforced(["Acme", "Zeta", "Umbrella"]).description
        == "MFA stays on: it is required by Acme, Zeta and Umbrella. "
        + "Leave these Organizations first, or ask their Owners.")
    #expect(
      Refusal.tooManyTries(wait).description
        == "After too many wrong tries this login is locked for now. Try again in 40 seconds.")
  }
}
