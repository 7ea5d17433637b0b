import TokenClient

/// Finds the credential that a person means.
enum Lookup {
  /// How closely a name has to be given.
  enum Precision {
    /// The whole of it: the command changes something.
    case exact
    /// The issuer or the account is enough if only one credential has it: nothing can go wrong.
    case partial
  }

  /// The credential called `name`. Throws `unknownName`, with what was probably meant.
  static func credential(
    _ name: String, on connection: Connection, _ precision: Precision = .exact
  ) throws(FobError) -> Credential {
    let credentials = try connection.ask { session throws(TokenFailure) in try session.list() }
    return try credential(name, among: credentials, precision)
  }

  static func credential(
    _ name: String, among credentials: [Credential], _ precision: Precision
  ) throws(FobError) -> Credential {
    let exact = credentials.filter { $0.name.label == name }
    if exact.count == 1 { return exact[0] }
    // The same label with several periods: the prefix tells them apart.
    if let prefixed = credentials.first(where: { $0.name.bytes == Array(name.utf8) }) {
      return prefixed
    }
    if precision == .partial {
      let wanted = name.lowercased()
      let partial = credentials.filter {
        $0.name.issuer?.lowercased() == wanted || $0.name.account.lowercased() == wanted
      }
      if partial.count == 1 { return partial[0] }
      if partial.count > 1 {
        let names = partial.map { "'\($0.name)'" }.joined(separator: ", ")
        throw FobError(
          .unknownName, "Several credentials go by \(Printable.short(name)): \(names).")
      }
    }
    let guess = NearMiss.best(for: name, among: credentials.map(\.name.label))
    let ending = guess.map { "did you mean '\(Printable.text($0))'?" } ?? "'fob list' shows all."
    throw FobError(
      .unknownName, "There is no credential \(Printable.short(name)) on the token; \(ending)")
  }

  /// Throws `occupied` if there is a credential of that name.
  static func requireNone(
    called name: Credential.Name, on connection: Connection
  ) throws(FobError) {
    let credentials = try connection.ask { session throws(TokenFailure) in try session.list() }
    if credentials.contains(where: { $0.name == name }) {
      throw FobError(.nameTaken(name))
    }
  }
}
