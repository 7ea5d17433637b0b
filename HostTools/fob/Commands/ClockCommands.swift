import JSON
import TokenClient
import TokenCore

/// `fob clock status` and `sync`.
enum ClockCommands {
  static func status(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try Connection(invocation, console, lock: .left)
    let status = try connection.ask { session throws(TokenFailure) in try session.clockStatus() }
    if invocation.has(.json) {
      return console.line(ClockText.json(status).indentedText)
    }
    console.line(Printable.padded("clock", to: 16) + status.state.words)
    guard let reading = status.reading else { return }
    let rows = [
      ["time", DurationText.local(reading.time)],
      ["may be off by", DurationText.of(reading.bound)],
      ["difference", ClockText.difference(reading)],
      ["last corrected", DurationText.local(reading.lastSync)],
      ["allowance", DurationText.of(reading.allowance)],
      ["frequency", "\(ClockText.partsPerMillion(reading.frequency)) ppm"],
    ]
    for row in rows { console.line(Printable.padded(row[0], to: 16) + row[1]) }
  }

  static func sync(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try Connection(invocation, console, lock: .left)
    var refusal: TokenFailure?
    let correction = try connection.ask { session throws(TokenFailure) -> ClockCorrection? in
      do throws(TokenFailure) {
        return try session.syncClock()
      } catch {
        guard error == .syncOutOfBounds else { throw error }
        refusal = error
        return nil
      }
    }
    if let correction { return report(correction, console) }
    guard connection.session.isLocked else { throw FobError(refusal ?? .syncOutOfBounds) }
    try set(invocation, connection)
  }

  /// Beyond what the crystal explains: with the password, and only if the person means it, since
  /// it may as well be this computer that is wrong.
  private static func set(
    _ invocation: Invocation, _ connection: Connection
  ) throws(FobError) {
    let console = connection.console
    if !invocation.has(.yes) {
      let status = try connection.ask { session throws(TokenFailure) in try session.clockStatus() }
      console.note("The token's clock: \(ClockText.line(status)).")
      console.note("This computer's: \(DurationText.local(HostClock.now)).")
      let isMeant = try console.confirm(
        "Set the token's clock to this computer's time?",
        otherwise: "answer yes there, or say --yes")
      guard isMeant else { throw FobError(.notConfirmed, "The token's clock was left as it is.") }
    }
    try connection.unlock(invocation)
    guard let key = connection.accessKey else { throw FobError(.noAccessKey) }
    report(
      try connection.ask { session throws(TokenFailure) in try session.setClock(with: key) },
      console)
  }

  private static func report(_ correction: ClockCorrection, _ console: Console) {
    switch correction.outcome {
    case .set:
      console.note("The token's clock is set to \(DurationText.local(correction.time)).")
    case .inStep:
      console.note("The token's clock is in step.")
    case .slewed:
      let words = correction.difference.map { DurationText.of($0) } ?? "a little"
      console.note(
        "The token's clock was \(words) off, and is being set right at 1/64 of the time that passes."
      )
    }
    if !correction.hostIsSynchronized {
      console.note(
        "fob: Warning: nothing keeps this computer's clock in step (NTP); it was counted as up to "
          + "\(DurationText.of(HostClock.unsynchronizedError)) off.")
    }
  }
}

extension Command {
  static let clockStatus = Command(
    name: "clock status", section: .token, summary: "Show the token's clock beside this computer's",
    details: [
      "'May be off by' is the token's own bound on its error; 'allowance' is how much can still be "
        + "corrected without the password: what its crystal can have drifted since the last "
        + "correction."
    ],
    options: [.json, .token],
    examples: [Example("fob clock", "Show the clock")],
    statuses: [.noToken, .badInput, .disconnected],
    run: ClockCommands.status)

  static let clockSync = Command(
    name: "clock sync", section: .token, summary: "Correct the token's clock by this computer's",
    details: [
      "fob does this by itself when it is due, within what the token takes from anybody: the drift "
        + "of its crystal since the last correction. A larger difference means that one of the two "
        + "clocks is wrong. Check this computer's first (timedatectl).",
      "If it is the token's: with a password that was set while the token was empty, this command "
        + "sets the clock, after a question. Without one, move your accounts to another token or "
        + "reset this one: were it possible otherwise, whoever borrows a token could set its "
        + "clock forward, and collect codes for later.",
    ],
    options: [.yes] + Option.connection,
    examples: [Example("fob clock sync", "Correct the clock now")],
    statuses: [.noToken, .locked, .clock, .notConfirmed, .badInput, .disconnected, .interrupted],
    run: ClockCommands.sync)
}
