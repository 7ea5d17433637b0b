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
    let exact = credentials.filter { $0.name.isCalled(name) }
    if exact.count == 1 { return exact[0] }
    guard exact.isEmpty else {
      let choices = exact.map { "'\($0.name.qualified)' (\($0.settings))" }.joined(separator: ", ")
      throw FobError(
        .unknownName,
        "Several credentials are called \(Printable.short(name)): \(choices). Say which one.")
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

  /// Throws `occupied` if there is a credential of that name, or of one that a person could take for
  /// it: the same label with another period or type, in other capitals, or with other spaces.
  ///
  /// - Parameter renamed: a credential that is about to give its name up.
  static func requireNone(
    called name: Credential.Name, on connection: Connection, but renamed: Credential.Name? = nil
  ) throws(FobError) {
    let credentials = try connection.ask { session throws(TokenFailure) in try session.list() }
    let others = credentials.filter { $0.name != renamed }
    if others.contains(where: { $0.name == name }) { throw FobError(.nameTaken(name)) }
    guard let twin = others.first(where: { $0.name.looksLike(name) }) else { return }
    throw FobError(
      .occupied,
      "There is '\(twin.name)' (\(twin.settings)) on \(Printable.text(connection.choice.text)) already, and "
        + "'\(name)' could be taken for it. Choose another NAME.")
  }
}

extension Credential.Name {
  /// The label with what tells it from the same one of another period or type, safe to show.
  var qualified: String { "\(period.map { "\($0.rawValue)" } ?? "hotp")/\(description)" }

  /// Whether a person who wrote `text` may mean this credential.
  func isCalled(_ text: String) -> Bool {
    label == text || description == text || qualified == text
  }

  /// Whether a person could take one of the two names for the other.
  func looksLike(_ other: Credential.Name) -> Bool {
    let own = [label, qualified].map(Self.outline)
    return [other.label, other.qualified].map(Self.outline).contains(where: own.contains)
  }

  /// Without capitals, spaces, and the wide forms of ASCII's characters.
  private static func outline(_ text: String) -> String {
    var outline = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where !scalar.properties.isWhitespace {
      let isWide = (0xFF01...0xFF5E).contains(scalar.value)
      outline.append(isWide ? Unicode.Scalar(UInt8(scalar.value - 0xFF01 + 0x21)) : scalar)
    }
    return String(outline).lowercased()
  }
}
