import TokenClient
import TokenCore

/// What the token is told so that it opens, and what it has to be for that.
extension Connection {
  /// Proves the password and the PIN, as far as the token has them and wants them for `purpose`. The
  /// password comes first, since the token proves in return that it knows it.
  ///
  /// - Throws: `locked`, before anything was sent, for a token that does not ask for what it should.
  func unlock(
    _ invocation: Invocation, for purpose: Purpose, _ key: AccessKey? = nil
  ) throws(FobError) {
    let isAtHand = key != nil || invocation.has(.passwordFile)
    guard !purpose.isEmpty else { return try warnOfMissingPassword() }
    guard session.selection != nil else { throw FobError(.memoryFailed) }
    try requirePasswordIfExpected(isAtHand: isAtHand)
    guard session.hasPIN || !invocation.has(.pinFile) else {
      throw FobError(
        .locked,
        "You gave a PIN, but \(try title()) has none: it was reset, or it is not your token. The PIN "
          + "was not sent. If that is right, leave out --pin-file.")
    }
    if purpose.wantsPassword(hasPIN: session.hasPIN, isAtHand: isAtHand) {
      try provePassword(invocation, key)
    }
    let wantsPIN = purpose.wantsPIN(
      hasPassword: session.hasAccessKey, isPasswordAtHand: isAtHand)
    if session.wantsPIN, wantsPIN { try provePIN(invocation) }
  }

  /// Before the token is told a PIN: has it prove that it knows the password, if that was given.
  func prepareForPIN(_ invocation: Invocation) throws(FobError) {
    try requirePasswordIfExpected(isAtHand: invocation.has(.passwordFile))
    if invocation.has(.passwordFile) { try provePassword(invocation, nil) }
  }

  private func provePIN(_ invocation: Invocation) throws(FobError) {
    // Nobody shall type a PIN for nothing.
    guard session.selection?.pinTries != 0 else { throw FobError(.pinBlocked) }
    let pin = try PINEntry.current(invocation, console, of: title())
    try ask { session throws(TokenFailure) in try session.verify(pin) }
    keepVerified()
  }

  /// The PIN of a token that has no password, for a command that carries it and is judged by the token
  /// itself; `nil` where there is none.
  func pinToSend(_ invocation: Invocation) throws(FobError) -> UserPIN? {
    guard session.hasPIN, !session.hasAccessKey else { return nil }
    try requirePasswordIfExpected(isAtHand: invocation.has(.passwordFile))
    guard session.selection?.pinTries != 0 else { throw FobError(.pinBlocked) }
    return try PINEntry.current(invocation, console, of: title())
  }

  private func provePassword(_ invocation: Invocation, _ key: AccessKey?) throws(FobError) {
    guard session.isLocked else { return }
    let proof: AccessKey
    if let key {
      proof = key
    } else {
      let password = try Password.current(invocation, console, of: title())
      proof = try ask { session throws(TokenFailure) in try session.accessKey(password: password) }
    }
    try ask { session throws(TokenFailure) in try session.validate(proof) }
    noteAccessKey(proof)
    try rememberPassword()
  }

  // MARK: What is expected of the token

  private func requirePasswordIfExpected(isAtHand: Bool) throws(FobError) {
    guard !session.hasAccessKey else { return }
    guard !isAtHand else { throw FobError(.noPasswordAsked(place: try title())) }
    if let memory = try passwordMemory() { throw FobError(.locked, try missing(memory)) }
  }

  /// Throws `locked` for a token that had a password when it was seen last, and has none now.
  func requireExpectedPassword() throws(FobError) {
    try requirePasswordIfExpected(isAtHand: false)
  }

  /// Says so when a token that had a password has none, where a command needs none.
  private func warnOfMissingPassword() throws(FobError) {
    guard session.selection != nil, !session.hasAccessKey, let memory = try passwordMemory() else {
      return
    }
    console.note("fob: Warning: \(try missing(memory))")
  }

  private func missing(_ memory: InventoryEntry) throws(FobError) -> String {
    let seen = DurationText.local(UnixTime(microseconds: Int64(memory.seen) * 1_000_000))
    return "\(try title()) had a password when it was seen last, \(seen), and has none now: it was "
      + "reset or changed by another program, or it is not your token. Nothing was sent to it. If "
      + "that is right, run 'fob inventory --forget \(Printable.text(memory.serial))'."
  }

  /// What is remembered of this token, if it had a password.
  private func passwordMemory() throws(FobError) -> InventoryEntry? {
    let serial = try information().serialNumber.text
    do throws(FobError) {
      return try Inventory().lastWithPassword(serial: serial)
    } catch {
      // An unreadable inventory shall not keep anybody from their token, and is told about.
      console.note(
        "fob: Warning: it is not known whether this token had a password. "
          + Printable.text(error.sentence))
      return nil
    }
  }

  /// From now on this token is expected to ask for its password.
  private func rememberPassword() throws(FobError) {
    let identity = try identity()
    if let known = try? Inventory().entries.first(where: { $0.identity == identity }),
      known.hasPassword
    {
      return
    }
    Inventory.note(self)
  }
}
