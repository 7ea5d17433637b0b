import TokenCore

/// An update in two phases: the new secret waits beside the old one until the site is known to
/// have taken it.
extension TokenSession {
  /// Stages a new secret for a credential that exists. The old one stays in force; a cable pulled
  /// out, or 10 minutes, undo it.
  public func stage(_ credential: NewCredential) throws(TokenFailure) {
    let command = CommandAPDU(.stage)
    command.append(credential)
    framing.holdsAuthority = true
    try performQuietly(command, about: credential.name)
  }

  /// The code of the staged secret, by the token's own clock.
  public func calculateStaged(_ name: Credential.Name) throws(TokenFailure) -> IssuedCode {
    let command = CommandAPDU(.calculateStaged, p2: Self.truncated)
    command.append(.name, name.bytes)
    command.append(.challenge, [])
    var fields = try perform(command, about: name)
    return try fields.issuedCode(of: name)
  }

  /// Puts the staged secret in the old one's place. The old one is overwritten, and its recovery
  /// codes are dropped.
  public func commit(_ name: Credential.Name) throws(TokenFailure) {
    let command = CommandAPDU(.commit)
    command.append(.name, name.bytes)
    try performQuietly(command, about: name)
  }

  /// Wipes what is staged, if anything is.
  public func rollBack() throws(TokenFailure) {
    try performQuietly(CommandAPDU(.rollBack))
  }
}
