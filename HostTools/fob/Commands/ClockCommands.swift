import JSON
import TokenClient
import TokenCore

/// `fob clock status`, `sync` and `policy`.
enum ClockCommands {
  static func status(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try Connection(invocation, console, for: [])
    let status = try connection.ask { session throws(TokenFailure) in try session.clockStatus() }
    if invocation.has(.json) {
      return console.line(ClockText.json(status).indentedText)
    }
    console.line(Printable.padded("clock", to: 16) + status.state.words)
    console.line(Printable.padded("policy", to: 16) + status.policy.text)
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
    let connection = try Connection(invocation, console, for: [])
    let host = HostClock()
    var refusal: TokenFailure?
    let correction = try connection.ask { session throws(TokenFailure) -> ClockCorrection? in
      do throws(TokenFailure) {
        return try session.syncClock()
      } catch {
        guard error == .syncOutOfBounds || error == .clockLost || error == .firstTimeRefused else {
          throw error
        }
        refusal = error
        return nil
      }
    }
    if let correction {
      judge(host, console)
      return report(correction, console)
    }
    let status = try connection.ask { session throws(TokenFailure) in try session.clockStatus() }
    guard status.policy == .wipe || connection.session.isLocked else {
      throw FobError(refusal ?? .syncOutOfBounds)
    }
    try set(status, host, invocation, connection)
  }

  /// Beyond what the crystal explains: with the password, or at the price of all secrets, and only if
  /// the person means it, since it may as well be this computer that is wrong.
  private static func set(
    _ status: ClockStatus, _ host: HostClock, _ invocation: Invocation, _ connection: Connection
  ) throws(FobError) {
    let console = connection.console
    let wipes = status.policy == .wipe
    judge(host, console)
    if !invocation.has(.yes) {
      console.note("The token's clock: \(ClockText.line(status)).")
      console.note("This computer's: \(DurationText.local(HostClock.now)).")
      let isMeant = try console.confirm(
        wipes
          ? "Wipe the token, and set its clock to this computer's time?"
          : "Set the token's clock to this computer's time?",
        otherwise: "answer yes there, or say --yes")
      guard isMeant else { throw FobError(.notConfirmed, "The token's clock was left as it is.") }
    }
    if wipes {
      let identity = try connection.identity()
      report(
        try connection.ask { session throws(TokenFailure) in try session.setClockAndWipe() },
        console)
      _ = try connection.ask { session throws(TokenFailure) in try session.select() }
      Inventory.note(connection, formerly: identity)
      return console.note("The token is empty now.")
    }
    try connection.unlock(invocation, for: .provisioning)
    guard let key = connection.accessKey else { throw FobError(.noAccessKey) }
    report(
      try connection.ask { session throws(TokenFailure) in try session.setClock(with: key) },
      console)
  }

  /// Says so where this computer's clock is not to be relied on.
  private static func judge(_ host: HostClock, _ console: Console) {
    guard !host.isSynchronized else { return }
    console.note(
      "fob: Warning: nothing keeps this computer's clock in step (NTP); it is counted as up to "
        + "\(DurationText.of(host.error)) off.")
  }

  private static func report(_ correction: ClockCorrection, _ console: Console) {
    switch correction.outcome {
    case .set: console.note("The token's clock is set.")
    case .inStep: console.note("The token's clock is in step.")
    case .slewed:
      console.note("The token's clock is being set right, at 1/64 of the time that passes.")
    }
    if let before = correction.before {
      console.note(
        "  before: \(DurationText.local(before.time)), \(ClockText.difference(before)), by its own "
          + "account off by up to \(DurationText.of(before.bound))")
    }
    console.note(
      "  now:    \(DurationText.local(correction.time)), off by up to "
        + "\(DurationText.of(correction.bound))")
  }

  static func policy(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try Connection(invocation, console, for: .provisioning)
    guard let word = invocation.argument(0) else {
      let status = try connection.ask { session throws(TokenFailure) in try session.clockStatus() }
      return console.line(status.policy.text)
    }
    let policy = ClockPolicy.wipe.text == word ? ClockPolicy.wipe : .refuse
    try connection.ask { session throws(TokenFailure) in try session.setClockPolicy(policy) }
    console.note(
      policy == .wipe
        ? "From now on, whoever sets this token's clock wipes the token by it."
        : "From now on, setting this token's clock takes its password.")
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
      "A clock that was never set takes its first time from anybody, until the token has computed a code. "
        + "One that lost the time takes it with the password only.",
      "If it is the token's: with a password that was set while the token was empty, this command "
        + "sets the clock, after a question. Without one, move your accounts to another token or "
        + "reset this one: were it possible otherwise, whoever borrows a token could set its "
        + "clock forward, and collect codes for later.",
      "Under the policy 'wipe' ('fob help clock policy') it asks, wipes the token, and sets the "
        + "clock.",
    ],
    options: [.yes] + Option.connection,
    examples: [Example("fob clock sync", "Correct the clock now")],
    statuses: [.noToken, .locked, .clock, .notConfirmed, .badInput, .disconnected, .interrupted],
    run: ClockCommands.sync)

  static let clockPolicy = Command(
    name: "clock policy", section: .token,
    summary: "Show or choose what setting the token's clock does",
    details: [
      "'refuse', which is usual: a time beyond what the crystal explains takes the password, and "
        + "changes nothing else. 'wipe': it takes no password, and wipes the token before the clock "
        + "is set, whoever asks; so not even who knows the password can collect codes of other "
        + "times. Back to 'refuse' only while the token is empty."
    ],
    arguments: [
      Argument(
        name: "POLICY", summary: "refuse or wipe", kind: .choice(["refuse", "wipe"]),
        isOptional: true)
    ],
    options: Option.connection,
    examples: [Example("fob clock policy wipe", "Let nobody set the clock of what is stored")],
    statuses: [.noToken, .locked, .badInput, .disconnected, .interrupted, .failed],
    run: ClockCommands.policy)
}
