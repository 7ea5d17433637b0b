import TokenCore

/// The PIN: with one set, a token computes codes only on channels that have proved to know it.
///
/// Each of these waits for the token's button before the PIN is judged. A wrong PIN spends one of
/// its eight tries (`TokenFailure.wrongPIN`).
extension TokenSession {
  /// Sets a PIN where there is none.
  ///
  /// - Throws: `pinIsSet`.
  public func setPIN(_ pin: UserPIN) throws(TokenFailure) {
    let command = CommandAPDU(.setPIN)
    command.append(.pin, pin.bytes)
    try performQuietly(command)
    try select()
  }

  /// Sets another PIN, or none with `new` being `nil`.
  ///
  /// - Throws: `wrongPIN`, `pinBlocked`, `noPIN`.
  public func changePIN(from old: UserPIN, to new: UserPIN?) throws(TokenFailure) {
    let command = CommandAPDU(.changePIN)
    command.append(.pin, old.bytes)
    if let new {
      command.append(.newPIN, new.bytes)
    } else {
      command.append(.newPIN, [])
    }
    try performQuietly(command)
    try select()
  }

  /// Proves to the token that the person knows the PIN. It holds for this session, until the next
  /// `select` or `validate`: so prove an access key first.
  ///
  /// - Throws: `wrongPIN`, `pinBlocked`, `noPIN`.
  public func verify(_ pin: UserPIN) throws(TokenFailure) {
    let command = CommandAPDU(.verifyPIN)
    command.append(.pin, pin.bytes)
    try performQuietly(command)
    noteVerification()
  }
}
