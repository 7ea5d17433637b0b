/// What a command is going to do with credentials, and so what it has to prove: the lock matrix of
/// Docs/protocol.md, section 11, as far as it is about access.
struct Purpose: OptionSet, Sendable {
  let rawValue: Int

  /// Put credentials on the token, change them, take them off.
  static let provisioning = Purpose(rawValue: 1)
  /// Have codes computed, and recovery codes handed out.
  static let use = Purpose(rawValue: 2)
  /// See which there are.
  static let look = Purpose(rawValue: 4)

  /// Whether the password is to be proved, on a token that has one.
  ///
  /// - Parameter isAtHand: whether the person has given the password already.
  func wantsPassword(hasPIN: Bool, isAtHand: Bool) -> Bool {
    guard hasPIN else { return !isEmpty }
    // The PIN would do, but only for the password does the token prove in return what it is.
    return contains(.provisioning) || (!isEmpty && isAtHand)
  }

  /// Whether the PIN is to be verified, on a token that has one.
  func wantsPIN(hasPassword: Bool, isPasswordAtHand: Bool) -> Bool {
    guard hasPassword else { return !isEmpty }
    return contains(.use) || (self == .look && !isPasswordAtHand)
  }
}
