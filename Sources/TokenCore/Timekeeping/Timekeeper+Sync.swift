extension Timekeeper {
  /// Takes a host's time without authentication, as far as the crystal explains it.
  ///
  /// Such a time is paid for out of the allowance, or changes nothing. What is paid for may move the
  /// clock, teach it, and make it as sure as the host says to be; the allowance is used up then. So
  /// whatever hosts say, all they can have done to the clock since it was set is what its crystal can have
  /// done by itself, and nothing makes it less sure than it was.
  ///
  /// - Throws: `syncOutOfBounds`; nothing has changed then.
  public mutating func sync(
    to host: UnixTime, uncertainty: Microseconds, at now: Ticks, in epoch: TickEpoch
  ) throws(StatusWord) -> SyncOutcome {
    guard let own = current(at: now) else { throw .syncOutOfBounds }
    // The clock is judged by where it is going: a second host finds a correction made that still goes on.
    let difference = host - (own.time + own.slew)
    let distance = difference.magnitude
    let isInStep = distance <= min(uncertainty, Self.inStepUncertainty)
    let isPaidFor = own.allowance.permits(difference)
    guard isInStep || isPaidFor else { throw .syncOutOfBounds }
    // A host in step that is no surer than the clock has nothing to tell it.
    guard isPaidFor, !isInStep || uncertainty < own.bound else { return .inStep }
    memory.syncPoint.bound = min(own.bound - own.slew.magnitude, uncertainty)
    memory.syncPoint.slew = own.slew + difference
    memory.syncPoint.allowance = Allowance()
    memory.syncPoint.corrected = host
    begin(at: now, own.time, in: epoch)
    learn(host - own.time, uncertainty, from: own)
    return isInStep ? .inStep : .slewed
  }

  /// Takes a host's time as it is: the first one, or an authenticated one.
  ///
  /// What was learned of the crystal stays, less surely; the points it was learned from do not.
  public mutating func set(
    to host: UnixTime, uncertainty: Microseconds, at now: Ticks, in epoch: TickEpoch
  ) {
    let allowed = min(uncertainty, Self.inStepUncertainty)
    memory.syncPoint.bound = uncertainty
    memory.syncPoint.slew = .zero
    memory.syncPoint.allowance = Allowance(forward: allowed, backward: allowed)
    memory.syncPoint.corrected = host
    memory.syncPoint.course.trend = 0
    if memory.syncPoint.frequencyBound < Trust.keptFrequency {
      memory.syncPoint.frequencyBound = Trust.keptFrequency
    }
    memory.history.removeAll()
    memory.trust.forgetForecast()
    if uncertainty <= Self.largestTaughtUncertainty {
      memory.history.append(offset: 0, uncertainty: UInt32(uncertainty.rawValue))
    }
    begin(at: now, host, in: epoch)
  }

  /// Starts the course that the rest of `syncPoint` describes.
  private mutating func begin(at now: Ticks, _ time: UnixTime, in epoch: TickEpoch) {
    memory.syncPoint.tickEpoch = epoch
    memory.syncPoint.ticks = now
    memory.syncPoint.time = time
    compensation.restart(at: now)
    state = .running
  }

  /// Learns from a host's time at the sync point that has just begun.
  ///
  /// - Parameter own: what the clock said there by the course before.
  private mutating func learn(
    _ difference: Microseconds, _ uncertainty: Microseconds, from own: State
  ) {
    let beats = Beats(own.elapsed)
    memory.history.move(by: beats, shift: own.shift.rawValue)
    memory.trust.move(by: beats, shift: own.shift.rawValue)
    guard uncertainty <= Self.largestTaughtUncertainty else { return }
    memory.history.append(offset: difference.rawValue, uncertainty: UInt32(uncertainty.rawValue))
    memory.trust.judge(by: difference.rawValue)
    guard memory.history.count > 1 else { return }
    let known = memory.history.count
    let fit = memory.history.fit(near: memory.syncPoint.course)
    // A course that the points before agree with has been learned since those before them; one that made
    // some stale, only since the oldest that is left.
    let oldest = memory.history.points[0].age
    let agrees = memory.history.count == known && memory.learnedIn >= oldest
    memory.learnedIn = agrees ? min(memory.learnedIn + beats, Self.longestLearning) : oldest
    memory.syncPoint.course = fit.course
    let limit = tolerance.rawValue
    memory.syncPoint.course.frequency = PartsPerBillion(
      min(max(fit.course.frequency.rawValue, -limit), limit))
    memory.syncPoint.frequencyBound = memory.history.frequencyBound(residual: fit.residual)
    memory.trust.foretell(
      memory.syncPoint.course, from: difference.rawValue, points: memory.history.count)
  }
}
