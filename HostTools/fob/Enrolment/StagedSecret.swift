import TokenClient

/// The new secret of an update: staged on the token, and kept here, masked, until the token has put it in
/// the old one's place. The token forgets what is staged after ten minutes, when
/// this computer is suspended, and when the cable is pulled; then it is staged again.
final class StagedSecret {
  private let credential: MaskedCredential
  /// Codes that were computed of it: a counter goes on from there.
  private var shown: UInt32 = 0

  init(_ credential: NewCredential) {
    self.credential = MaskedCredential(credential)
  }

  var name: Credential.Name { credential.name }

  func stage(_ session: TokenSession) throws(TokenFailure) {
    try session.stage(credential.credential(advancedBy: shown))
  }

  /// The code of the new secret.
  func code(_ session: TokenSession) throws(TokenFailure) -> IssuedCode {
    let code = try staged(session) { () throws(TokenFailure) in
      try session.calculateStaged(name)
    }
    shown += 1
    return code
  }

  /// Puts the new secret in the old one's place.
  func commit(_ session: TokenSession) throws(TokenFailure) {
    try staged(session) { () throws(TokenFailure) in try session.commit(name) }
  }

  private func staged<Result>(
    _ session: TokenSession, _ body: () throws(TokenFailure) -> Result
  ) throws(TokenFailure) -> Result {
    do {
      return try body()
    } catch .nothingStaged {
      // It was refused before anything was done.
      try stage(session)
      return try body()
    }
  }
}
