/// Turning another person's MFA off. Authority over a person's MFA needs authority everywhere that
/// person belongs, MFA and a fresh proof of whoever uses it, and is logged everywhere it matters.
extension RelyingParty {
  /// What has to be typed to turn somebody else's MFA off.
  public static let resetConfirmation = "RESET"

  /// Turns a member's MFA off, for a person who lost token and backup codes: the key and the backup
  /// codes die, and the member's sessions end. The member then logs in with the password alone.
  ///
  /// For whoever is Owner, or has the permission to manage MFA, in *every* Organization of the
  /// member, and has MFA on and a recent proof. An Owner's MFA is reset by an Owner only, and a support
  /// operator's not at all: the console itself is where operators belong.
  ///
  /// - Parameter typed: has to be `resetConfirmation`, in capitals; spaces around do not matter.
  public func resetMFA(
    of member: Account.ID, in id: Organization.ID, typed: String, _ session: Session
  ) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      let actor = try account(of: session)
      let organization = try organization(id, of: actor)
      guard try mayReset(actor, member, in: [id]) else { throw .resetNotPermitted }
      guard try role(of: member, in: organization.id) != nil else { throw .notAMember }
      guard member != actor else { throw .ownReset }
      let all = try organizations(of: member).map(\.id)
      guard try mayReset(actor, member, in: all), try !isOperator(member) else {
        throw .resetNotPermitted
      }
      guard try credentials.isActive(of: member) else { throw .memberMFANotOn }
      guard Self.isTyped(typed, Self.resetConfirmation) else { throw .resetNotConfirmed }
      try checkHasAuthority(actor, session)
      try stopRecovery(of: member, by: actor)
      try takeMFAOff(member)
      try recordEverywhere(.mfaReset, actor: actor, subject: member)
    }
    database.emptyLog()
  }

  /// Turns the MFA of an account off, whoever it is, for whoever runs the console: the way back for the
  /// one operator who lost everything.
  public func resetMFA(ofAccount email: String) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      guard let account = try findAccount(email: email) else { throw .noSuchAccount }
      guard try credentials.isActive(of: account) else { throw .memberMFANotOn }
      try stopRecovery(of: account, by: nil)
      try takeMFAOff(account)
      try recordEverywhere(.mfaReset, subject: account, detail: "by a command on the machine")
    }
    database.emptyLog()
  }

  /// Whether `actor` could reset the MFA of a member of these Organizations.
  private func mayReset(
    _ actor: Account.ID, _ member: Account.ID, in organizations: [Organization.ID]
  ) throws(Refusal) -> Bool {
    try accountSeals.check(actor)
    try accountSeals.check(member)
    for id in organizations {
      let allowed = try database.exists(
        """
        SELECT 1 FROM membership WHERE organization = ? AND account = ?
          AND (role = 'owner' OR may_manage_mfa)
        """, id, actor)
      guard allowed else { return false }
      if try role(of: member, in: id) == .owner {
        guard try role(of: actor, in: id) == .owner else { return false }
      }
    }
    return true
  }

  /// Inside a transaction: MFA is off, and nothing that was proved or begun before counts any more.
  func takeMFAOff(_ account: Account.ID) throws(Refusal) {
    try credentials.discardAll(of: account)
    try tickets.endAll(of: account)
    try throttle.clear(.code, of: throttleName(account))
  }

  /// Inside a transaction: an entry in every Organization of the person, or one if there is none.
  func recordEverywhere(
    _ event: AuditEvent, actor: Account.ID? = nil, subject: Account.ID,
    recoveryCase: RecoveryCase.ID? = nil, detail: String? = nil
  ) throws(Refusal) {
    let organizations = try organizations(of: subject).map(\.id)
    for id in organizations.isEmpty ? [nil] : organizations.map(Optional.some) {
      try log.record(
        event, actor: actor, subject: subject, organization: id, recoveryCase: recoveryCase,
        detail: detail)
    }
  }

  /// Whether a word of confirmation was typed; spaces around do not matter.
  static func isTyped(_ typed: String, _ word: String) -> Bool {
    typed.split(whereSeparator: \.isWhitespace) == [Substring(word)]
  }
}
