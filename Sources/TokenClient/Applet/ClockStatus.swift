import TokenCore

/// What a token says about its clock (CLOCK STATUS), and how that compares with this host's.
public struct ClockStatus: Sendable {
  public struct Reading: Hashable, Sendable {
    public let time: UnixTime
    /// By how much the clock may be off, either way, by its own account.
    public let bound: Microseconds
    /// The last correction.
    public let lastSync: UnixTime
    /// What may still be corrected without authentication.
    public let allowance: Microseconds
    /// The learned frequency error.
    public let frequency: PartsPerBillion
    /// The token's time less the host's, to within half of `roundTrip`.
    public let difference: Microseconds
  }

  public let state: ClockState
  /// Only when the clock runs.
  public let reading: Reading?
  /// What setting the clock does to the secrets.
  public let policy: ClockPolicy
  /// How long the exchange took.
  public let roundTrip: Microseconds

  /// - Parameters:
  ///   - host: the host's time in the middle of the exchange.
  init(
    _ fields: FieldReader, host: UnixTime, roundTrip: Microseconds
  ) throws(TokenFailure) {
    var fields = fields
    guard let state = ClockState(rawValue: try fields.byte(of: .clockState)) else {
      throw .nonsense("its clock is in an unknown state")
    }
    self.state = state
    self.roundTrip = roundTrip
    if state == .running {
      let (time, bound) = try fields.reading()
      let lastSync = try fields.time(of: .lastSync)
      let allowance = try fields.length(of: .allowance)
      let frequency: Int32 = fields.number(in: try fields.value(of: .frequency, 4...4))
      reading = Reading(
        time: time, bound: bound, lastSync: lastSync, allowance: allowance,
        frequency: PartsPerBillion(frequency), difference: time - host)
    } else {
      reading = nil
    }
    let policy = try fields.optionalValue(of: .clockPolicy, 1...1)
    self.policy = policy == [ClockPolicy.wipe.rawValue] ? .wipe : .refuse
    try fields.end()
  }
}

/// What became of a host's time (CLOCK SYNC and CLOCK SET).
public struct ClockCorrection: Sendable {
  public let outcome: SyncOutcome
  /// The token's time and bound right after.
  public let time: UnixTime
  public let bound: Microseconds
  /// What the clock said before, if it ran.
  public let before: ClockStatus.Reading?
  /// The host's time less the token's, before, if its clock ran.
  public var difference: Microseconds? { before.map { Microseconds.zero - $0.difference } }
  /// How far off the time was said to be: half a round trip and what the host does not know.
  public let uncertainty: Microseconds
  /// Whether the host's own clock is kept in step by NTP, as far as the system knows.
  public let hostIsSynchronized: Bool
}
