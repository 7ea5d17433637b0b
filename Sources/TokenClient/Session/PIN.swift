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
    guard try select().pinTries != nil else {
      throw .nonsense("it says that it has the PIN, and does not ask for it")
    }
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
    guard (try select().pinTries != nil) == (new != nil) else {
      throw .nonsense("what it says of its PIN is not what it has done")
    }
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
