/// Support operators: who decides recovery cases. Whoever runs the console appoints the first one;
/// operators appoint and dismiss the others.
extension RelyingParty {
  // MARK: For whoever runs the console

  /// Makes an account a support operator, or one no longer. There is no session that this needs: it
  /// is for a command on the machine itself.
  public func appointOperator(_ email: String, _ isOperator: Bool = true) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      guard let account = try findAccount(email: email) else { throw .noSuchAccount }
      try setOperator(account, isOperator, by: nil)
    }
  }

  /// All support operators, by address.
  public func operators() throws(Refusal) -> [Account] {
    try database.rows(
      "SELECT id, email, created_at FROM account WHERE is_operator ORDER BY email"
    ) {
      Account(
        id: Account.ID($0.integer(0)), email: $0.text(1), isOperator: true, created: $0.seconds(2))
    }
  }

  // MARK: For operators

  /// All support operators, by address; for operators.
  public func operators(_ session: Session) throws(Refusal) -> [Account] {
    guard try isOperator(account(of: session)) else { throw .notAnOperator }
    return try operators()
  }

  /// Makes an account a support operator, as one who has MFA on and a recent proof.
  public func appointOperator(_ email: String, _ session: Session) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      let actor = try provedOperator(session)
      guard let account = try findAccount(email: email) else { throw .noSuchAccount }
      try setOperator(account, true, by: actor)
    }
  }

  /// Dismisses a support operator, as one who has MFA on and a recent proof. What they approved and
  /// has not taken effect is stopped. The last one stays: only a command on the machine itself can
  /// dismiss them.
  public func dismissOperator(_ id: Account.ID, _ session: Session) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      let actor = try provedOperator(session)
      guard try isOperator(id) else { throw .noSuchAccount }
      guard try operators().count > 1 else { throw .lastOperator }
      try setOperator(id, false, by: actor)
    }
  }

  /// The support operator of a session that may use the office now: MFA is on, and the person proved
  /// who they are within `policy.reauthenticationWindow`. Judged at each use, so that a dismissed
  /// operator's open session can do nothing more.
  func provedOperator(_ session: Session) throws(Refusal) -> Account.ID {
    let account = try account(of: session)
    guard try isOperator(account) else { throw .notAnOperator }
    try checkHasAuthority(account, session)
    return account
  }

  /// Whoever uses authority over other people's MFA has their own on, and a fresh proof.
  func checkHasAuthority(_ account: Account.ID, _ session: Session) throws(Refusal) {
    guard try credentials.isActive(of: account) else { throw .ownMFANeeded }
    try checkFresh(session)
  }

  func isOperator(_ account: Account.ID) throws(Refusal) -> Bool {
    guard try findAccount(account)?.isOperator == true else { return false }
    try accountSeals.check(account)
    return true
  }

  private func setOperator(
    _ account: Account.ID, _ isOperator: Bool, by actor: Account.ID?
  ) throws(Refusal) {
    let changed = try accountSeals.changing(account) { () throws(Refusal) in
      try database.run(
        "UPDATE account SET is_operator = ? WHERE id = ? AND is_operator <> ?", isOperator, account,
        isOperator)
    }
    guard changed == 1 else { return }
    if !isOperator { try stopApprovals(by: account, actor: actor) }
    try log.record(
      isOperator ? .operatorAppointed : .operatorDismissed, actor: actor, subject: account)
  }
}
