import TokenCore

/// The token's clock.
extension TokenSession {
  /// Exchanges that measure how long a report takes before a time is sent.
  private static let samples = 4
  /// What a time may be late or early because this process did not run when it meant to.
  private static let schedulingError = Microseconds(2_000)

  public func clockStatus() throws(TokenFailure) -> ClockStatus {
    let before = HostClock.now
    let start = Deadline.now
    let fields = try perform(CommandAPDU(.clockStatus))
    let roundTrip = Self.microseconds(since: start)
    let middle = before + Microseconds(roundTrip.rawValue / 2)
    return try ClockStatus(fields, host: middle, roundTrip: roundTrip)
  }

  /// Hands the token this computer's time, which it takes within the bounds of what its crystal
  /// can have drifted. A token without credentials takes any, and so does one that never had a time
  /// and has computed no code.
  ///
  /// The time sent is that of half a round trip later, and its uncertainty the whole of the best
  /// of four round trips, plus what the host does not know of its own clock.
  public func syncClock() throws(TokenFailure) -> ClockCorrection {
    try correct(.clockSync, with: nil)
  }

  /// Sets the token's clock to this computer's time, whatever it was. The key has to be the one
  /// that was set while the token was empty.
  public func setClock(with key: AccessKey) throws(TokenFailure) -> ClockCorrection {
    try correct(.clockSet, with: key)
  }

  /// Sets the token's clock to this computer's time under the policy `wipe`: all that the token held
  /// is gone then.
  public func setClockAndWipe() throws(TokenFailure) -> ClockCorrection {
    try correct(.clockSet, with: nil)
  }

  /// Chooses what setting the clock does to the secrets. Back to `refuse` only while there are none.
  public func setClockPolicy(_ policy: ClockPolicy) throws(TokenFailure) {
    let command = CommandAPDU(.setClockPolicy)
    command.append(.clockPolicy, [policy.rawValue])
    _ = try perform(command)
  }

  // MARK: Steps

  private func correct(
    _ instruction: Instruction, with key: AccessKey?
  ) throws(TokenFailure) -> ClockCorrection {
    var best = try clockStatus()
    for _ in 1..<Self.samples {
      let status = try clockStatus()
      if status.roundTrip < best.roundTrip { best = status }
    }
    let host = HostClock()
    let uncertainty = min(
      host.error + best.roundTrip + Self.schedulingError, Self.largestUncertainty)

    let nonce = key == nil ? nil : try nonce()
    var command = CommandAPDU(instruction)
    let time = HostClock.now + Microseconds(best.roundTrip.rawValue / 2)
    command.append(.time, time.microseconds)
    command.append(.bound, uncertainty.rawValue)
    if let key, let nonce { command = command.proved(by: key, over: nonce) }
    var fields = try perform(correction: command, in: best.state)
    guard let outcome = SyncOutcome(rawValue: try fields.byte(of: .syncOutcome)) else {
      throw .nonsense("it did something unknown to its clock")
    }
    let (tokenTime, bound) = try fields.reading()
    try fields.end()
    return ClockCorrection(
      outcome: outcome, time: tokenTime, bound: bound,
      before: best.reading,
      uncertainty: uncertainty, hostIsSynchronized: host.isSynchronized)
  }

  /// One status word says that the time is too far off, and that there is none to compare it with.
  private func perform(
    correction command: CommandAPDU, in state: ClockState
  ) throws(TokenFailure) -> FieldReader {
    do {
      return try perform(command)
    } catch .syncOutOfBounds {
      throw switch state {
      case .unset: .firstTimeRefused
      case .running: .syncOutOfBounds
      case .lost: .clockLost
      }
    }
  }

  /// The protocol's limit (Docs/protocol.md, section 6).
  private static let largestUncertainty = Microseconds(3_600_000_000)

  private static func microseconds(since start: Deadline) -> Microseconds {
    Microseconds(Int64(clamping: (Deadline.now.nanoseconds - start.nanoseconds) / 1000))
  }
}
