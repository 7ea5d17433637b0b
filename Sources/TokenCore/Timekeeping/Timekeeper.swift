/// Turns ticks into time, and says how wrong it may be.
///
/// From its last sync point on the clock follows a course: `time = timeAtSync + elapsed +
/// compensation + correction(elapsed) + slewed`. `elapsed` is what the tick counter says at its
/// nominal rate, `compensation` what the temperature explains of its error, where the board has a
/// sensor, and `correction` what the course that was learned from the last weeks' hosts adds. It
/// never falls back to an epoch: without a sync point there is no time. Docs/design.md has the reasons.
public struct Timekeeper: Sendable {
  /// A clock is slewed by 1/64 of the time that passes: it never stops and never runs backwards.
  static let slewShift: Int64 = 6
  /// A host's uncertainty counts no more than this when 'in step' is judged, 0.1 s: it moves nothing.
  static let inStepUncertainty = Microseconds(100_000)
  /// The allowance stops growing after 30 days.
  static let allowancePeriod = Microseconds(30 * 86_400 * 1_000_000)
  /// The largest uncertainty a host may state, one hour.
  static let largestUncertainty = Microseconds(3_600 * 1_000_000)
  /// What a host states with more uncertainty than this, 0.25 s, corrects, and teaches nothing.
  static let largestTaughtUncertainty = Microseconds(250_000)
  /// What was learned counts for 90 days at most, however long it took to learn.
  static let longestLearning = Beats(90 * 82_397)
  /// The last second of the year 9999.
  static let latestTime = UnixTime(microseconds: 253_402_300_799_999_999)

  /// What the clock says at one reading of the ticks.
  public struct Reading: Sendable {
    public let time: UnixTime
    /// The true time is within `time ± bound`, if the hosts that set it were right.
    public let bound: Microseconds
    /// The larger of the corrections that a host may make without authentication, either way.
    public let allowance: Microseconds
    /// How much faster the true time runs now than the ticks say, by what was learned and by the
    /// temperature.
    public let frequency: PartsPerBillion
  }

  /// All that a reading is made of.
  struct State {
    var time: UnixTime
    var bound: Microseconds
    /// What of the last correction is still to come.
    var slew: Microseconds
    var allowance: Allowance
    var frequency: PartsPerBillion
    /// Since the sync point, by the ticks and the temperature.
    var elapsed: Microseconds
    /// What the course and the slewing have added to that.
    var shift: Microseconds
  }

  public internal(set) var state = ClockState.unset
  /// What survives a restart.
  var memory = ClockRecord()
  var compensation = Compensation()
  /// When the record was written, since the token has power.
  var storedAt: Ticks?
  /// The last time that `remember` was told.
  var remembered = UnixTime(microseconds: .min)
  let rate: TickRate
  let tolerance: PartsPerBillion

  /// - Parameter tolerance: the board's promise, `Board.crystalTolerance`.
  public init(rate: TickRate, tolerance: PartsPerBillion) {
    self.rate = rate
    self.tolerance = tolerance
  }

  /// The host's time at the last correction; it means nothing while `state` is `unset`.
  public var lastSync: UnixTime { memory.syncPoint.corrected }

  /// Forgets the time and all that was learned; the next time is taken freely.
  public mutating func forget() {
    self = Timekeeper(rate: rate, tolerance: tolerance)
  }

  /// Takes note of the crystal's temperature, to be called as often as there is something new: it
  /// counts until the next call. A board without a sensor never calls it.
  public mutating func note(_ temperature: Temperature, at now: Ticks) {
    guard state == .running else { return }
    compensation.note(temperature, at: now, rate: rate)
  }

  /// Whether the last temperature is ten minutes old, or there is none.
  func wantsTemperature(at now: Ticks) -> Bool {
    guard state == .running else { return false }
    return compensation.isOlder(than: rate.ticks(inMilliseconds: 600_000), at: now)
  }

  /// - Returns: `nil` unless the clock runs.
  public func reading(at now: Ticks) -> Reading? {
    guard let own = current(at: now) else { return nil }
    return Reading(
      time: own.time, bound: own.bound,
      allowance: max(own.allowance.forward, own.allowance.backward),
      frequency: own.frequency)
  }

  @inline(never)
  func current(at now: Ticks) -> State? {
    guard state == .running else { return nil }
    let elapsed = rate.duration(of: now.elapsed(since: memory.syncPoint.ticks))
    let slewable = Microseconds(elapsed.rawValue >> Self.slewShift)
    let slewed = memory.syncPoint.slew.clamped(to: .zero - slewable, slewable)
    let drift = tolerance.share(of: elapsed)
    let lost = compensation.total(at: now, rate: rate)
    // What was learned in some days counts for as many; a lie that was told once moves the clock for no
    // longer than it took to pay for. Whatever was learned, the crystal is what the board promises.
    let counted = min(elapsed, memory.learningTime)
    let taught = memory.syncPoint.course.correction(over: counted)
    let untaught = (memory.syncPoint.course.correction(over: elapsed) - taught).magnitude
    let correction = (taught + lost).clamped(to: .zero - drift, drift)
    let gain = correction + slewed
    let learned =
      memory.syncPoint.frequencyBound.share(of: elapsed) + untaught
      + memory.trust.wandering(
        over: elapsed, on: memory.syncPoint.course, withSensor: compensation.temperature != .unknown
      )
    let remaining = memory.syncPoint.slew - slewed
    return State(
      time: memory.syncPoint.time + elapsed + gain,
      bound: memory.syncPoint.bound + remaining.magnitude
        + min(drift + correction.magnitude, learned),
      slew: remaining,
      allowance: memory.syncPoint.allowance.grown(
        by: drift, less: correction, limit: tolerance.share(of: Self.allowancePeriod)),
      frequency: PartsPerBillion(
        (counted < elapsed ? 0 : memory.syncPoint.course.frequency(after: elapsed).rawValue)
          + compensation.slowness.rawValue),
      elapsed: elapsed + lost, shift: gain - lost)
  }
}
