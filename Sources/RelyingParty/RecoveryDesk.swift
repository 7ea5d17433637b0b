/// The recovery case from the side of those who decide it: support operators, with MFA on and a
/// recent proof, and never the person themselves. It takes somebody's MFA off, so it takes no
/// less than changing one's own.
extension RelyingParty {
  /// Whether there may be cases for this person to decide.
  public func isJudge(_ session: Session) throws(Refusal) -> Bool {
    try isOperator(account(of: session))
  }

  /// The cases that wait for an operator: submitted ones, those opened by hand, and those approved
  /// that wait to take effect; without what was handed in, and none for whoever is not an operator.
  public func recoveryCases(_ session: Session) throws(Refusal) -> [RecoveryCase] {
    let judge = try account(of: session)
    guard try isOperator(judge) else { return [] }
    return try recoveries.all(in: .submitted, .open, .waiting)
      .filter { $0.account != judge && ($0.state != .open || $0.openedBy != nil) }
      .map(\.withoutEvidence)
  }

  /// A submitted or decided case, or one that was opened by hand, for an operator. That it was read
  /// goes into the audit log. One that is withdrawn is nobody's to see: it may never have been
  /// submitted.
  public func recoveryCase(
    _ id: RecoveryCase.ID, _ session: Session
  ) throws(Refusal) -> RecoveryCase {
    let found = try readable(id, session)
    try log.record(
      .recoveryCaseSeen, actor: account(of: session), subject: found.account, recoveryCase: id)
    return found
  }

  /// A document of a case that is not decided, for an operator. That it was looked at goes into the
  /// audit log.
  public func document(
    _ item: RecoveryItem, of id: RecoveryCase.ID, _ session: Session
  ) throws(Refusal) -> Document {
    let found = try readable(id, session)
    guard let document = try documents.get(item, of: id, named: found.evidence[item] ?? "") else {
      throw .noSuchDocument
    }
    try log.record(
      .recoveryDocumentSeen, actor: account(of: session), subject: found.account, recoveryCase: id,
      detail: item.rawValue)
    return document
  }

  private func readable(
    _ id: RecoveryCase.ID, _ session: Session
  ) throws(Refusal) -> RecoveryCase {
    let judge = try account(of: session)
    guard try isOperator(judge) else { throw .notAnOperator }
    guard let found = try recoveries.find(id), found.state != .withdrawn,
      found.state != .open || found.openedBy != nil
    else { throw .noRecoveryCase }
    guard found.account != judge else { throw .ownCase }
    guard try credentials.isActive(of: judge) else { throw .ownMFANeeded }
    return found
  }

  // MARK: Deciding

  /// Approves a submitted case. What was handed in goes. MFA is turned off after
  /// `policy.recoveryWait`, when the person next logs in with the password; without a wait, at once.
  /// Until then every session of the account sees it and can stop it.
  public func approveRecovery(_ id: RecoveryCase.ID, _ session: Session) throws(Refusal) {
    try judge(id, [.submitted], session) { (found, judge) throws(Refusal) in
      let now = clock()
      let wait = policy.recoveryWait
      try recoveries.judge(
        .waiting, id, by: judge, at: now, effective: now.later(by: wait.rawValue))
      try recoveries.discardEvidence(of: id)
      try recordEverywhere(
        .recoveryApproved, actor: judge, subject: found.account, recoveryCase: id,
        detail: "takes effect after \(wait.inWords)")
      if wait.rawValue == 0 { try takeEffect(found) }
    }
    database.emptyLog()
  }

  /// Refuses a submitted case, or stops an approved one that still waits. What was handed in goes;
  /// everything else stays as it was, and the person may open another.
  /// - Parameter reason: for the person; 1 to 500 bytes.
  public func refuseRecovery(
    _ id: RecoveryCase.ID, reason: String, _ session: Session
  ) throws(Refusal) {
    try checkText(reason)
    try judge(id, [.submitted, .waiting], session) { (found, judge) throws(Refusal) in
      try refuse(found, by: judge, actor: judge, reason: reason)
    }
    database.emptyLog()
  }

  private func refuse(
    _ found: RecoveryCase, by judge: Account.ID, actor: Account.ID?, reason: String
  ) throws(Refusal) {
    try recoveries.judge(.refused, found.id, by: judge, at: clock(), reason: reason)
    try recoveries.discardEvidence(of: found.id)
    if found.state == .waiting {
      try recordEverywhere(
        .recoveryRefused, actor: actor, subject: found.account, recoveryCase: found.id)
    } else {
      try log.record(
        .recoveryRefused, actor: actor, subject: found.account, recoveryCase: found.id)
    }
  }

  /// Inside a transaction: what a dismissed operator approved, and what has not taken effect yet,
  /// counts no more.
  func stopApprovals(by judge: Account.ID, actor: Account.ID?) throws(Refusal) {
    for found in try recoveries.all(in: .waiting) where found.judgedBy == judge {
      try refuse(
        found, by: judge, actor: actor,
        reason: "The support operator who approved this was dismissed. Open another case.")
    }
  }

  private func judge(
    _ id: RecoveryCase.ID, _ states: [RecoveryCase.State], _ session: Session,
    _ decide: (RecoveryCase, Account.ID) throws(Refusal) -> Void
  ) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      let judge = try account(of: session)
      guard try isOperator(judge) else { throw .notAnOperator }
      guard let found = try recoveries.find(id) else { throw .noRecoveryCase }
      guard found.account != judge else { throw .ownCase }
      try checkHasAuthority(judge, session)
      guard states.contains(found.state) else { throw .recoveryNot(found.state) }
      try decide(found, judge)
    }
  }

  // MARK: Opening by hand

  /// Opens a case for a person who wrote by post, or who lost the password too, as an operator. One
  /// that the person has open and has not submitted is withdrawn for it.
  public func openRecovery(
    for email: String, isCorporate: Bool, _ session: Session
  ) throws(Refusal) -> RecoveryCase {
    try database.immediately { () throws(Refusal) in
      let judge = try provedOperator(session)
      guard let account = try findAccount(email: email) else { throw .noSuchAccount }
      guard account != judge else { throw .ownCase }
      guard try credentials.isActive(of: account) else { throw .memberMFANotOn }
      if let there = try recoveries.undecided(of: account) {
        guard there.state == .open && !there.isByHand else { throw .recoveryAlreadyOpen }
        try stopRecovery(of: account, by: judge)
      }
      try recoveries.insert(account, isCorporate: isCorporate, by: judge, at: clock())
      let opened = try newestCase(of: account)
      try log.record(
        .recoveryOpened, actor: judge, subject: account, recoveryCase: opened.id, detail: "by hand")
      return opened
    }
  }

  /// Puts something that the person wrote into a case that was opened by hand.
  public func handIn(
    _ item: RecoveryItem, _ text: String, for id: RecoveryCase.ID, _ session: Session
  ) throws(Refusal) -> RecoveryCase {
    try changeByHand(id, session) { (found, judge) throws(Refusal) in
      try put(item, text, into: found, by: judge)
    }
  }

  /// The same with a document that the person sent.
  public func handIn(
    _ item: RecoveryItem, document: Document, for id: RecoveryCase.ID, _ session: Session
  ) throws(Refusal) -> RecoveryCase {
    try changeByHand(id, session) { (found, judge) throws(Refusal) in
      try put(item, document, into: found, by: judge)
    }
  }

  /// Submits a case that was opened by hand, complete as any other.
  public func submitRecovery(
    _ id: RecoveryCase.ID, _ session: Session
  ) throws(Refusal) -> RecoveryCase {
    try changeByHand(id, session) { (found, judge) throws(Refusal) in
      try submit(found, by: judge)
    }
  }

  private func changeByHand(
    _ id: RecoveryCase.ID, _ session: Session,
    _ change: (RecoveryCase, Account.ID) throws(Refusal) -> Void
  ) throws(Refusal) -> RecoveryCase {
    try database.immediately { () throws(Refusal) in
      let judge = try provedOperator(session)
      guard let found = try recoveries.find(id), found.openedBy != nil else {
        throw .noRecoveryCase
      }
      guard found.account != judge else { throw .ownCase }
      guard found.state == .open else { throw .recoveryNot(found.state) }
      try change(found, judge)
      guard let changed = try recoveries.find(id) else { throw .noRecoveryCase }
      return changed
    }
  }
}
