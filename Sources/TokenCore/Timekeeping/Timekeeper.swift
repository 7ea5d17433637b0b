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

  /// The last correction; it means nothing while `state` is `unset`.
  private(set) var syncPoint = SyncPoint()
  private(set) var state = ClockState.unset
  private let rate: TickRate
  private let tolerance: PartsPerBillion

  init(rate: TickRate, tolerance: PartsPerBillion) {
    self.rate = rate
    self.tolerance = tolerance
  }

  /// Goes on from a stored sync point, if the tick counter still counts from the same start.
  mutating func resume(from record: Span<UInt8>, in epoch: TickEpoch) {
    guard syncPoint.parse(record) else { return }
    state = syncPoint.tickEpoch == epoch ? .running : .lost
  }

  /// Forgets the time; the next one is taken freely.
  mutating func forget() {
    state = .unset
  }

  /// - Returns: `nil` unless the clock runs.
  func reading(at now: Ticks) -> Reading? {
    guard state == .running else { return nil }
    let elapsed = rate.duration(of: now.elapsed(since: syncPoint.ticks))
    let slewable = elapsed.rawValue / Self.slewDivisor
    let slewed = Microseconds(min(max(syncPoint.slew.rawValue, -slewable), slewable))
    let drift = tolerance.share(of: elapsed)
    let remaining = (syncPoint.slew - slewed).magnitude
    return Reading(
      time: syncPoint.time + elapsed + syncPoint.frequency.share(of: elapsed) + slewed,
      bound: syncPoint.bound + drift + remaining,
      allowance: min(syncPoint.allowance + drift, tolerance.share(of: Self.allowancePeriod)))
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
      syncPoint.time = own.time
      syncPoint.bound = min(own.bound, distance + uncertainty)
      syncPoint.slew = .zero
      syncPoint.allowance = own.allowance
      syncPoint.corrected = own.time
      begin(at: now, in: epoch)
      return .inStep
    }
    guard distance <= own.allowance else { throw .syncOutOfBounds }
    syncPoint.time = own.time
    syncPoint.bound = uncertainty
    syncPoint.slew = difference
    syncPoint.allowance = .zero
    syncPoint.corrected = host
    begin(at: now, in: epoch)
    return .slewed
  }

  /// Takes a host's time as it is: the first one, or an authenticated one.
  mutating func set(
    to host: UnixTime, uncertainty: Microseconds, at now: Ticks, in epoch: TickEpoch
  ) {
    syncPoint.time = host
    syncPoint.bound = uncertainty
    syncPoint.slew = .zero
    syncPoint.allowance = min(uncertainty, Self.inStepUncertainty)
    syncPoint.corrected = host
    begin(at: now, in: epoch)
  }

  /// Starts the line that the rest of `syncPoint` describes.
  private mutating func begin(at now: Ticks, in epoch: TickEpoch) {
    syncPoint.tickEpoch = epoch
    syncPoint.ticks = now
    syncPoint.frequency = .zero
    state = .running
  }
}
