import TokenCore

/// The PIN: with one set, a token computes codes only on channels that have proved to know it.
///
/// Each of these waits for the token's button before the PIN is judged. A wrong PIN spends one of
/// its eight tries (`TokenFailure.wrongPIN`).
extension TokenSession {
  /// Sets a PIN where there is none. On a token with an access key, this session has proved it.
  ///
  /// - Throws: `pinIsSet`, `locked`.
  public func setPIN(_ pin: UserPIN) throws(TokenFailure) {
    let command = CommandAPDU(.setPIN)
    command.append(.pin, pin.bytes)
    try performQuietly(hasPIN ? command : authorized(command))
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

  /// Proves to the token that the person knows the PIN. `select` and `validate` end the proof: so
  /// prove an access key first. The session keeps the PIN, in bytes that are wiped, and proves it
  /// again when the token has let the proof end, which takes another press (`verifiesAgain`).
  ///
  /// - Throws: `wrongPIN`, `pinBlocked`, `noPIN`.
  public func verify(_ pin: UserPIN) throws(TokenFailure) {
    let command = CommandAPDU(.verifyPIN)
    command.append(.pin, pin.bytes)
    do {
      try performQuietly(command)
    } catch {
      if case .wrongPIN = error { heldPIN = nil }
      throw error
    }
    noteVerification(of: pin)
  }
}
