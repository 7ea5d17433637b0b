/// The recovery case from the side of the person who lost both the token and the backup codes.
///
/// They show that they know the password by a login ticket, each time anew: so a stranger can open
/// no case for somebody else's account.
extension RelyingParty {
  /// Bytes of the longest description of something handed in, or of a decision's reason.
  static let longestEvidence = 500

  /// The newest recovery case of the account that is logging in. What was handed in is there only as
  /// long as the case is open and it was the person who opened it.
  public func recoveryCase(_ ticket: LoginTicket) throws(Refusal) -> RecoveryCase? {
    guard let found = try recoveries.newest(of: account(of: ticket)) else { return nil }
    return found.state == .open && found.openedBy == nil ? found : found.withoutEvidence
  }

  /// The newest recovery case of the account, for who is signed in again; without what was handed in.
  public func recoveryCase(_ session: Session) throws(Refusal) -> RecoveryCase? {
    try recoveries.newest(of: enrollingAccount(of: session))?.withoutEvidence
  }

  /// A recovery case of the account that can still end in MFA being turned off, for every session of
  /// the account. `withdrawRecovery` stops it.
  public func pendingRecovery(_ session: Session) throws(Refusal) -> RecoveryNotice? {
    try recoveries.undecided(of: enrollingAccount(of: session))
  }

  /// Opens a recovery case.
  /// - Parameter isCorporate: whether it is a company's account.
  public func openRecovery(
    _ ticket: LoginTicket, isCorporate: Bool
  ) throws(Refusal) -> RecoveryCase {
    try database.immediately { () throws(Refusal) in
      let account = try account(of: ticket)
      guard try recoveries.undecided(of: account) == nil else { throw .recoveryAlreadyOpen }
      try recoveries.insert(account, isCorporate: isCorporate, by: nil, at: clock())
      let opened = try newestCase(of: account)
      try log.record(.recoveryOpened, subject: account, recoveryCase: opened.id)
      return opened
    }
  }

  /// Hands something in that is no document, or hands it in anew.
  /// - Parameter text: what it says; 1 to 500 bytes.
  public func handIn(
    _ item: RecoveryItem, _ text: String, _ ticket: LoginTicket
  ) throws(Refusal) -> RecoveryCase {
    try changeOpenCase(ticket) { (found) throws(Refusal) in
      try put(item, text, into: found, by: nil)
    }
  }

  /// Hands a document in, or hands it in anew.
  public func handIn(
    _ item: RecoveryItem, document: Document, _ ticket: LoginTicket
  ) throws(Refusal) -> RecoveryCase {
    try changeOpenCase(ticket) { (found) throws(Refusal) in
      try put(item, document, into: found, by: nil)
    }
  }

  /// Submits the open case to be decided. Refused, with what is missing, until everything was
  /// handed in.
  public func submitRecovery(_ ticket: LoginTicket) throws(Refusal) -> RecoveryCase {
    try changeOpenCase(ticket) { (found) throws(Refusal) in try submit(found, by: nil) }
  }

  /// Withdraws the case that is open, submitted, or approved and waiting.
  public func withdrawRecovery(_ ticket: LoginTicket) throws(Refusal) {
    try withdraw { () throws(Refusal) in (try account(of: ticket), nil) }
  }

  /// The same for any session of the account: for one who logged in after all, or who never opened it.
  public func withdrawRecovery(_ session: Session) throws(Refusal) {
    try withdraw { () throws(Refusal) in
      let account = try enrollingAccount(of: session)
      return (account, account)
    }
  }

  private func withdraw(
    _ who: () throws(Refusal) -> (account: Account.ID, actor: Account.ID?)
  ) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      let (account, actor) = try who()
      guard try stopRecovery(of: account, by: actor) else { throw .noRecoveryCase }
    }
    database.emptyLog()
  }

  /// Inside a transaction: withdraws the case that is not decided yet, if there is one, and says
  /// whether there was.
  @discardableResult
  func stopRecovery(of account: Account.ID, by actor: Account.ID?) throws(Refusal) -> Bool {
    guard let found = try recoveries.undecided(of: account) else { return false }
    try recoveries.set(.withdrawn, of: found.id)
    try recoveries.discardEvidence(of: found.id)
    if found.state == .waiting {
      // Its approval is in the logs of the person's Organizations.
      try recordEverywhere(
        .recoveryWithdrawn, actor: actor, subject: account, recoveryCase: found.id)
    } else {
      try log.record(.recoveryWithdrawn, actor: actor, subject: account, recoveryCase: found.id)
    }
    return true
  }

  private func changeOpenCase(
    _ ticket: LoginTicket, _ change: (RecoveryCase) throws(Refusal) -> Void
  ) throws(Refusal) -> RecoveryCase {
    try database.immediately { () throws(Refusal) in
      let account = try account(of: ticket)
      let found = try newestCase(of: account)
      guard found.state == .open else { throw .recoveryNot(found.state) }
      try change(found)
      let changed = try newestCase(of: account)
      return changed.openedBy == nil ? changed : changed.withoutEvidence
    }
  }

  func newestCase(of account: Account.ID) throws(Refusal) -> RecoveryCase {
    guard let found = try recoveries.newest(of: account) else { throw .noRecoveryCase }
    return found
  }

  // MARK: Inside a transaction

  func put(
    _ item: RecoveryItem, _ text: String, into found: RecoveryCase, by actor: Account.ID?
  ) throws(Refusal) {
    guard !item.isDocument else { throw .documentNeeded }
    try checkText(text)
    try recoveries.setEvidence(item, text, of: found.id)
    try recordHandingIn(item, found, by: actor)
  }

  func put(
    _ item: RecoveryItem, _ document: Document, into found: RecoveryCase, by actor: Account.ID?
  ) throws(Refusal) {
    guard item.isDocument else { throw .textNeeded }
    let mediaType = try document.checkedMediaType(mostBytes: policy.largestDocument)
    try recoveries.setEvidence(item, document.name, of: found.id)
    try documents.put(document, mediaType, as: item, of: found.id)
    try recordHandingIn(item, found, by: actor)
  }

  private func recordHandingIn(
    _ item: RecoveryItem, _ found: RecoveryCase, by actor: Account.ID?
  ) throws(Refusal) {
    try log.record(
      .recoveryItemHandedIn, actor: actor, subject: found.account, recoveryCase: found.id,
      detail: item.rawValue)
  }

  func submit(_ found: RecoveryCase, by actor: Account.ID?) throws(Refusal) {
    guard found.missing.isEmpty else { throw .recoveryIncomplete(found.missing) }
    try recoveries.set(.submitted, of: found.id)
    try log.record(
      .recoverySubmitted, actor: actor, subject: found.account, recoveryCase: found.id)
  }

  func checkText(_ text: String) throws(Refusal) {
    guard (1...Self.longestEvidence).contains(text.utf8.count), !text.utf8.contains(0) else {
      throw .evidenceUnusable(mostBytes: Self.longestEvidence)
    }
  }

  /// Inside a login's transaction, after the right password: an approval whose waiting time is over
  /// takes effect, and the person is back; or it has lapsed.
  func comeBack(_ account: Account.ID) throws(Refusal) {
    guard var newest = try recoveries.newest(of: account) else { return }
    if newest.state == .waiting, let effective = newest.effective, effective <= clock() {
      guard clock() < effective.later(by: policy.recoveryPatience.rawValue) else {
        try stopRecovery(of: account, by: nil)
        return
      }
      try takeEffect(newest)
      newest = try newestCase(of: account)
    }
    guard newest.state == .approved else { return }
    try recoveries.set(.carriedOut, of: newest.id)
    try log.record(.recoveryCarriedOut, subject: account, recoveryCase: newest.id)
  }

  /// MFA is turned off, and the account's sessions and tickets end.
  func takeEffect(_ found: RecoveryCase) throws(Refusal) {
    try recoveries.set(.approved, of: found.id)
    try takeMFAOff(found.account)
    try recordEverywhere(
      .recoveryTookEffect, subject: found.account, recoveryCase: found.id)
  }
}
