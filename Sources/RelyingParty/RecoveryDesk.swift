/// The recovery case from the side of those who decide it: support operators, with MFA on and a
/// recent proof, and never the person themselves. It takes somebody's MFA off, so it takes no
/// less than changing one's own.
extension RelyingParty {
  /// Whether there may be cases for this person to decide.
  public func isJudge(_ session: Session) throws(Refusal) -> Bool {
    try isOperator(account(of: session))
  }

  /// The submitted cases that this person may decide; none for whoever is not an operator.
  public func recoveryCases(_ session: Session) throws(Refusal) -> [RecoveryCase] {
    let judge = try account(of: session)
    guard try isOperator(judge) else { return [] }
    return try recoveries.all(in: .submitted).filter { $0.account != judge }
  }

  /// A submitted or decided case, for an operator. One that is withdrawn is nobody's to see: it may
  /// never have been submitted.
  public func recoveryCase(
    _ id: RecoveryCase.ID, _ session: Session
  ) throws(Refusal) -> RecoveryCase {
    let judge = try account(of: session)
    guard try isOperator(judge) else { throw .notAnOperator }
    guard let found = try recoveries.find(id), found.state != .open, found.state != .withdrawn
    else { throw .noRecoveryCase }
    guard found.account != judge else { throw .ownCase }
    return found
  }

  /// A document of a submitted case, for an operator. That it was looked at goes into the audit
  /// log.
  public func document(
    _ item: RecoveryItem, of id: RecoveryCase.ID, _ session: Session
  ) throws(Refusal) -> Document {
    let found = try recoveryCase(id, session)
    guard let document = try documents.get(item, of: id) else { throw .noSuchDocument }
    try log.record(
      .recoveryDocumentSeen, actor: account(of: session), subject: found.account, recoveryCase: id,
      detail: item.rawValue)
    return document
  }

  /// Approves a submitted case: MFA is taken off, the backup codes die and the account's sessions
  /// end, all in this transaction. The person then logs in with the password alone, and is led to
  /// Enable MFA if an Organization enforces it.
  public func approveRecovery(_ id: RecoveryCase.ID, _ session: Session) throws(Refusal) {
    try judge(id, session) { (found, judge) throws(Refusal) in
      try recoveries.judge(.approved, id, by: judge, at: clock(), reason: nil)
      try documents.discardAll(of: id)
      try credentials.discardAll(of: found.account)
      try tickets.endAll(of: found.account)
      try throttle.clear(.code, of: throttleName(found.account))
      try log.record(
        .recoveryApproved, actor: judge, subject: found.account, recoveryCase: id,
        detail: "MFA taken off")
    }
    database.emptyLog()
  }

  /// Refuses a submitted case; everything else stays as it was, and the person may open another.
  /// - Parameter reason: for the person; 1 to 500 bytes.
  public func refuseRecovery(
    _ id: RecoveryCase.ID, reason: String, _ session: Session
  ) throws(Refusal) {
    try checkText(reason)
    try judge(id, session) { (found, judge) throws(Refusal) in
      try recoveries.judge(.refused, id, by: judge, at: clock(), reason: reason)
      try documents.discardAll(of: id)
      try log.record(.recoveryRefused, actor: judge, subject: found.account, recoveryCase: id)
    }
    database.emptyLog()
  }

  private func judge(
    _ id: RecoveryCase.ID, _ session: Session,
    _ decide: (RecoveryCase, Account.ID) throws(Refusal) -> Void
  ) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      let judge = try account(of: session)
      guard try isOperator(judge) else { throw .notAnOperator }
      guard let found = try recoveries.find(id) else { throw .noRecoveryCase }
      guard found.account != judge else { throw .ownCase }
      try checkHasAuthority(judge, session)
      guard found.state == .submitted else { throw .recoveryNot(found.state) }
      try decide(found, judge)
    }
  }
}
