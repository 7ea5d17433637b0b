import TokenClient
import TokenCore

/// Keeps a token's clock in order without anybody having to ask for it.
enum ClockCare {
  /// A clock that was corrected less than this ago, and agrees, is left alone: each correction
  /// costs the flash a write, and 20 ppm make 1.7 s of a day.
  static let restfulInterval = Microseconds(24 * 3600 * 1_000_000)
  /// A difference that is worth a correction.
  static let noticeable = Microseconds(1_000_000)
  /// A difference that is worth a warning: with 10 s, a third of a code's life of 30 s falls into
  /// a step that is not the site's, and there is little left of what sites allow for.
  static let worrying = Microseconds(10_000_000)

  /// Before a credential is put on a token: a clock that never ran gets its first time.
  ///
  /// - Returns: why the clock does not run, if it does not, and what helps.
  static func prepare(_ connection: Connection) throws(FobError) -> FobError? {
    let status = try connection.ask { session throws(TokenFailure) in try session.clockStatus() }
    guard status.state != .running else {
      try attend(connection, status)
      return nil
    }
    return try start(connection)
  }

  /// Hands a clock that does not run its first time.
  ///
  /// - Returns: why the token does not take it, if it does not.
  private static func start(_ connection: Connection) throws(FobError) -> FobError? {
    do throws(FobError) {
      _ = try connection.ask { session throws(TokenFailure) in try session.syncClock() }
      return nil
    } catch {
      guard error.status == .clock else { throw error }
      return error
    }
  }

  /// Before the first credential is put on a token that has no battery, as no board of ours has:
  /// without a password its clock could never be set again.
  static func adviseAgainstPowerLoss(_ connection: Connection) throws(FobError) {
    let information = try connection.ask { session throws(TokenFailure) in
      try session.information()
    }
    guard information.stored == 0, !information.isAccessKeySet,
      connection.choice.body(claimed: information.body) != .simulated
    else { return }
    connection.console.note(
      "fob: Warning: this token has no password. It loses the time whenever it loses power, and "
        + "only a password that was set while it was empty sets its clock again. To have one: "
        + "'fob remove' this credential, 'fob password set', and add it once more.")
  }

  /// Before codes are shown: corrects the clock where that is due and allowed, and warns where a
  /// difference remains that could make codes wrong.
  static func attend(_ connection: Connection) throws(FobError) {
    let status = try connection.ask { session throws(TokenFailure) in try session.clockStatus() }
    try attend(connection, status)
  }

  private static func attend(
    _ connection: Connection, _ status: ClockStatus
  ) throws(FobError) {
    guard let reading = status.reading else {
      // One that was never set takes its first time; else it refuses its codes, and says why.
      if status.state == .unset { _ = try start(connection) }
      return
    }
    let age = (HostClock.now - reading.lastSync).magnitude
    let difference = reading.difference.magnitude
    guard difference > noticeable || age > restfulInterval else { return }
    var isTaken = true
    do throws(FobError) {
      _ = try connection.ask { session throws(TokenFailure) in try session.syncClock() }
    } catch {
      guard error.status == .clock else { throw error }
      isTaken = false
    }
    guard difference >= worrying else { return }
    let words = DurationText.of(difference)
    connection.console.note(
      isTaken
        ? "fob: Warning: the token's clock is \(words) off and is being set right slowly; until "
          + "then a site may refuse its codes."
        : "fob: Warning: the token's clock and this computer's differ by \(words); if the token's "
          + "is the wrong one, sites will refuse its codes, and 'fob help clock sync' says what to "
          + "do.")
  }
}
