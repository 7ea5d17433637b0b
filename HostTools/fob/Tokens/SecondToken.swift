import TokenClient

/// The token of `--also`: gets the same credential as the first one, from the same enrolment, since no token
/// gives a key out again.
struct SecondToken {
  let connection: Connection

  /// Connects to it, and sees that it is another one; nothing has changed on either.
  ///
  /// - Returns: `nil` without `--also`.
  static func beside(
    _ first: Connection, _ invocation: Invocation, for purpose: Purpose
  ) throws(FobError) -> SecondToken? {
    guard let text = invocation.text(.also) else { return nil }
    let choice = try TokenChoice(parsing: text, from: "--also")
    guard choice != first.choice else { throw same }
    let connection = try Connection(to: choice, first.console, ifAbsent: .created)
    if try serial(connection) == serial(first) { throw same }
    try connection.unlock(invocation, for: purpose)
    return SecondToken(connection: connection)
  }

  private static let same = FobError(
    .usage, "--also chooses the token that --token or FOB_TOKEN chooses; it has to be another.")

  private static func serial(_ connection: Connection) throws(FobError) -> String {
    try connection.ask { session throws(TokenFailure) in try session.information() }
      .serialNumber.text
  }

  /// Two tokens would count each for itself, and the site follows one.
  static func requireFit(_ name: Credential.Name, _ invocation: Invocation) throws(FobError) {
    guard invocation.has(.also), name.period == nil else { return }
    throw FobError(
      .badInput, "Codes that count cannot be on two tokens: each would count by itself.")
  }

  /// Puts the credential on this token after it was put on the first; takes it off the first again if
  /// that fails.
  ///
  /// - Throws: with what is on which token now.
  func put(_ credential: NewCredential, after first: Connection) throws(FobError) {
    do throws(FobError) {
      try connection.ask { session throws(TokenFailure) in try session.put(credential) }
    } catch {
      let cause = error.sentence.isEmpty ? "Interrupted." : error.sentence
      let status = error.status
      // A token that went away may have stored it before.
      let isInDoubt = status == .disconnected || status == .interrupted
      let doubt =
        isInDoubt
        ? " It may be on \(place) all the same; 'fob list' shows it there when it answers." : ""
      do throws(FobError) {
        try first.ask { session throws(TokenFailure) in try session.delete(credential.name) }
      } catch {
        throw FobError(
          status,
          "\(cause) '\(credential.name)' is on \(Printable.text(first.choice.text)), from which it could "
            + "not be removed again (\(error.sentence)); 'fob remove' takes it off.\(doubt)")
      }
      throw FobError(
        status,
        "\(cause) '\(credential.name)' was removed from \(Printable.text(first.choice.text)) "
          + "again.\(doubt)")
    }
  }

  /// What the person chose it by.
  var place: String { Printable.text(connection.choice.text) }
}

extension Option {
  static let also = Option(
    "also", value: "TOKEN",
    "a second token that gets the same, as a backup; --password-file and --pin-file are for both")
}
