extension RelyingParty {
  /// What has to be typed to turn MFA off.
  public static let disableConfirmation = "DISABLE"

  /// Disable MFA: the key and the backup codes die, other sessions of the account end, and the next
  /// change takes a new proof. Refused
  /// while an Organization of the person enforces MFA; the refusal lists all that do.
  ///
  /// - Parameter typed: has to be `disableConfirmation`, in capitals; spaces around do not matter.
  /// - Returns: the session, which goes on under another bearer.
  @discardableResult
  public func disable(_ session: Session, typed: String) throws(Refusal) -> Session {
    let account = try account(of: session)
    guard try credentials.isActive(of: account) else { throw .mfaNotOn }
    let enforcers = try enforcers(of: account)
    guard enforcers.isEmpty else {
      try log.record(
        .disableRefused, actor: account, subject: account, detail: "enforced by \(enforcers.count)")
      throw .mfaEnforced(enforcers.map(\.name))
    }
    guard Self.isTyped(typed, Self.disableConfirmation) else { throw .confirmationMissing }
    try checkFresh(session)
    let renewed = try database.immediately { () throws(Refusal) in
      guard try enrollingAccount(of: session) == account else { throw .sessionEnded }
      guard try credentials.isActive(of: account) else { throw .mfaNotOn }
      let enforcers = try self.enforcers(of: account)
      guard enforcers.isEmpty else { throw .mfaEnforced(enforcers.map(\.name)) }
      try credentials.discardAll(of: account)
      // Who can do this has not lost access, and a case left lying could later turn MFA off.
      try stopRecovery(of: account, by: account)
      try throttle.clear(.code, of: throttleName(account))
      try tickets.endAll(of: account, but: session.bearer)
      try tickets.endProofs(of: account)
      try log.record(.mfaDisabled, actor: account, subject: account)
      return try self.renewed(session)
    }
    database.emptyLog()
    return renewed
  }
}
