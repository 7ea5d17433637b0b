// What is written to the flash, and how seldom: a write costs a token's flash some of its life, and
// any host can ask for one.
extension Timekeeper {
  /// 0.1 s: a slew that is worth a write.
  private static let considerableSlew = Microseconds(100_000)
  /// An hour: what a write is worth that there was none for.
  private static let interval = Microseconds(3_600_000_000)

  /// Whether the correction that was just made has to survive a restart. One that does not is as if
  /// nobody had made it then: the course before goes on, with its own bound.
  func isWorthStoring(at now: Ticks) -> Bool {
    guard let storedAt else { return true }
    return memory.syncPoint.slew.magnitude >= Self.considerableSlew
      || rate.duration(of: now.elapsed(since: storedAt)) >= Self.interval
  }

  mutating func hasBeenStored() {
    storedAt = memory.syncPoint.ticks
    remember(memory.syncPoint.time)
  }

  /// The last time of which a running or lost clock's record tells.
  var lastTime: UnixTime { memory.syncPoint.time }

  /// The time, if it has to be written down before a code of it leaves the token.
  func timeToRemember(at now: Ticks) -> UnixTime? {
    guard let own = current(at: now), own.time - remembered >= Self.interval else { return nil }
    return own.time
  }

  mutating func remember(_ time: UnixTime) {
    remembered = time
  }
}
