/// Turns ticks into time, and says how wrong it may be.
///
/// The clock is a line through its last sync point: `time = timeAtSync + elapsed × (1 + frequency) +
/// slewed`, where `elapsed` is what the tick counter says at its nominal rate. The bound on its own
/// error grows by the crystal's tolerance while nobody corrects it. It never falls back to an
/// epoch: without a sync point there is no time.
struct Timekeeper {
  /// A clock is slewed by 1/64 of the time that passes: it never stops and never runs backwards.
  static let slewDivisor: Int64 = 64
  /// A host's uncertainty counts no more than this when 'in step' is judged, 0.1 s: it moves nothing.
  static let inStepUncertainty = Microseconds(100_000)
  /// The allowance stops growing after 30 days.
  static let allowancePeriod = Microseconds(30 * 86_400 * 1_000_000)
  /// The largest uncertainty a host may state, one hour.
  static let largestUncertainty = Microseconds(3_600 * 1_000_000)
  /// The last second of the year 9999.
  static let latestTime = UnixTime(microseconds: 253_402_300_799_999_999)

  /// What the clock says at one reading of the ticks.
  struct Reading {
    let time: UnixTime
    /// The true time is within `time ± bound`, if the host that set it was right.
    let bound: Microseconds
    /// The correction that a host may make without authentication.
    let allowance: Microseconds
  }

  private(set) var syncPoint: SyncPoint?
  private(set) var state = ClockState.unset
  private let rate: TickRate
  private let tolerance: PartsPerBillion

  init(rate: TickRate, tolerance: PartsPerBillion) {
    self.rate = rate
    self.tolerance = tolerance
  }

  /// Goes on from a stored sync point, if the tick counter still counts from the same start.
  mutating func resume(from point: SyncPoint, in epoch: TickEpoch) {
    syncPoint = point
    state = point.tickEpoch == epoch ? .running : .lost
  }

  /// Forgets the time; the next one is taken freely.
  mutating func forget() {
    syncPoint = nil
    state = .unset
  }

  /// - Returns: `nil` unless the clock runs.
  func reading(at now: Ticks) -> Reading? {
    guard state == .running, let point = syncPoint else { return nil }
    let elapsed = rate.duration(of: now.elapsed(since: point.ticks))
    let slewable = elapsed.rawValue / Self.slewDivisor
    let slewed = Microseconds(min(max(point.slew.rawValue, -slewable), slewable))
    let drift = tolerance.share(of: elapsed)
    let remaining = (point.slew - slewed).magnitude
    return Reading(
      time: point.time + elapsed + point.frequency.share(of: elapsed) + slewed,
      bound: point.bound + drift + remaining,
      allowance: min(point.allowance + drift, tolerance.share(of: Self.allowancePeriod)))
  }

  /// Takes a host's time without authentication, as far as the crystal explains it.
  ///
  /// - Throws: `syncOutOfBounds`; nothing has changed then.
  mutating func sync(
    to host: UnixTime, uncertainty: Microseconds, at now: Ticks, in epoch: TickEpoch
  ) throws(StatusWord) -> SyncOutcome {
    guard let own = reading(at: now) else { throw .syncOutOfBounds }
    let difference = host - own.time
    let distance = difference.magnitude
    if distance <= min(uncertainty, Self.inStepUncertainty) {
      adopt(
        SyncPoint(
          tickEpoch: epoch, ticks: now, time: own.time,
          bound: min(own.bound, distance + uncertainty),
          slew: .zero, allowance: own.allowance, frequency: .zero, corrected: own.time))
      return .inStep
    }
    guard distance <= own.allowance else { throw .syncOutOfBounds }
    adopt(
      SyncPoint(
        tickEpoch: epoch, ticks: now, time: own.time, bound: uncertainty, slew: difference,
        allowance: .zero, frequency: .zero, corrected: host))
    return .slewed
  }

  /// Takes a host's time as it is: the first one, or an authenticated one.
  mutating func set(
    to host: UnixTime, uncertainty: Microseconds, at now: Ticks, in epoch: TickEpoch
  ) {
    adopt(
      SyncPoint(
        tickEpoch: epoch, ticks: now, time: host, bound: uncertainty, slew: .zero,
        allowance: min(uncertainty, Self.inStepUncertainty), frequency: .zero, corrected: host))
  }

  private mutating func adopt(_ point: SyncPoint) {
    syncPoint = point
    state = .running
  }
}
