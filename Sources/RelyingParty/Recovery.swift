/// The recovery case from the side of the person who lost both the token and the backup codes.
///
/// They show that they know the password by a login ticket, each time anew: so a stranger can open
/// no case for somebody else's account.
extension RelyingParty {
  /// Bytes of the longest description of something handed in, or of a judgement's reason.
  static let longestEvidence = 500

  /// The newest recovery case of the account that is logging in.
  public func recoveryCase(_ ticket: LoginTicket) throws(Refusal) -> RecoveryCase? {
    try recoveries.newest(of: account(of: ticket))
  }

  /// The newest recovery case of the account, for who is signed in again.
  public func recoveryCase(_ session: Session) throws(Refusal) -> RecoveryCase? {
    try recoveries.newest(of: enrollingAccount(of: session))
  }

  /// Opens a recovery case.
  /// - Parameter isCorporate: whether it is a company's account.
  public func openRecovery(
    _ ticket: LoginTicket, isCorporate: Bool
  ) throws(Refusal) -> RecoveryCase {
    try database.immediately { () throws(Refusal) in
      let account = try account(of: ticket)
      guard try undecidedRecovery(of: account) == nil else { throw .recoveryAlreadyOpen }
      try recoveries.insert(account, isCorporate: isCorporate, at: clock())
      let opened = try newestCase(of: account)
      try log.record(.recoveryOpened, subject: account, recoveryCase: opened.id)
      return opened
    }
  }

  /// Hands something in, or hands it in anew.
  /// - Parameter reference: what it says, or where the document is kept; 1 to 500 bytes.
  public func handIn(
    _ item: RecoveryItem, _ reference: String, _ ticket: LoginTicket
  ) throws(Refusal) -> RecoveryCase {
    try checkText(reference)
    return try changeOpenCase(ticket) { (found) throws(Refusal) in
      try recoveries.setEvidence(item, reference, of: found.id)
      try documents.discard(item, of: found.id)
      try log.record(
        .recoveryItemHandedIn, subject: found.account, recoveryCase: found.id, detail: item.rawValue
      )
    }
  }

  /// Hands a document in, or hands it in anew.
  public func handIn(
    _ item: RecoveryItem, document: Document, _ ticket: LoginTicket
  ) throws(Refusal) -> RecoveryCase {
    let mediaType = try document.checkedMediaType(mostBytes: policy.largestDocument)
    return try changeOpenCase(ticket) { (found) throws(Refusal) in
      try recoveries.setEvidence(item, document.name, of: found.id)
      try documents.put(document, mediaType, as: item, of: found.id)
      try log.record(
        .recoveryItemHandedIn, subject: found.account, recoveryCase: found.id, detail: item.rawValue
      )
    }
  }

  /// Submits the open case to be judged. Refused, with what is missing, until everything was
  /// handed in.
  public func submitRecovery(_ ticket: LoginTicket) throws(Refusal) -> RecoveryCase {
    try changeOpenCase(ticket) { (found) throws(Refusal) in
      guard found.missing.isEmpty else { throw .recoveryIncomplete(found.missing) }
      try recoveries.set(.submitted, of: found.id)
      try log.record(.recoverySubmitted, subject: found.account, recoveryCase: found.id)
    }
  }

  /// Withdraws the case that is open or submitted.
  public func withdrawRecovery(_ ticket: LoginTicket) throws(Refusal) {
    try withdraw { () throws(Refusal) in try account(of: ticket) }
  }

  /// The same for one who logged in after all, or who never opened it.
  public func withdrawRecovery(_ session: Session) throws(Refusal) {
    try withdraw { () throws(Refusal) in try account(of: session) }
  }

  private func withdraw(_ account: () throws(Refusal) -> Account.ID) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      let account = try account()
      guard let id = try undecidedRecovery(of: account) else { throw .noRecoveryCase }
      try recoveries.set(.withdrawn, of: id)
      try documents.discardAll(of: id)
      try log.record(.recoveryWithdrawn, subject: account, recoveryCase: id)
    }
    database.emptyLog()
  }

  /// Inside a transaction that changes the account's MFA from within a session: who can do that has
  /// not lost it, and a case left lying could later take the new key off.
  func withdrawMootRecovery(of account: Account.ID) throws(Refusal) {
    guard let id = try undecidedRecovery(of: account) else { return }
    try recoveries.set(.withdrawn, of: id)
    try documents.discardAll(of: id)
    try log.record(.recoveryWithdrawn, actor: account, subject: account, recoveryCase: id)
  }

  private func changeOpenCase(
    _ ticket: LoginTicket, _ change: (RecoveryCase) throws(Refusal) -> Void
  ) throws(Refusal) -> RecoveryCase {
    try database.immediately { () throws(Refusal) in
      let account = try account(of: ticket)
      let found = try newestCase(of: account)
      guard found.state == .open else { throw .recoveryNot(found.state) }
      try change(found)
      return try newestCase(of: account)
    }
  }

  private func newestCase(of account: Account.ID) throws(Refusal) -> RecoveryCase {
    guard let found = try recoveries.newest(of: account) else { throw .noRecoveryCase }
    return found
  }

  func checkText(_ text: String) throws(Refusal) {
    guard (1...Self.longestEvidence).contains(text.utf8.count), !text.utf8.contains(0) else {
      throw .evidenceUnusable(mostBytes: Self.longestEvidence)
    }
  }

  /// A case that is open or submitted.
  func undecidedRecovery(of account: Account.ID) throws(Refusal) -> RecoveryCase.ID? {
    guard let newest = try recoveries.newest(of: account),
      newest.state == .open || newest.state == .submitted
    else { return nil }
    return newest.id
  }

  /// Inside a login's transaction: the person is back.
  func carryOutRecovery(of account: Account.ID) throws(Refusal) {
    guard let newest = try recoveries.newest(of: account), newest.state == .approved else { return }
    try recoveries.set(.carriedOut, of: newest.id)
    try log.record(.recoveryCarriedOut, subject: account, recoveryCase: newest.id)
  }
}
