/// What temperature explains of the crystal's error since the sync point, on a board with a sensor.
struct Compensation: Sendable {
  /// What the crystal lost up to `since`.
  private var sum = Microseconds.zero
  private var since = Ticks(0)
  /// How slow the crystal is now.
  private(set) var slowness = PartsPerBillion.zero
  /// Whether `slowness` is from before the power last went, and nobody knows what was between.
  private var isOld = false
  private(set) var temperature = Temperature.unknown

  /// The sync point is now.
  mutating func restart(at now: Ticks) {
    sum = .zero
    since = now
    isOld = false
  }

  /// Power came back: the sync point is at `since`, when the crystal had `temperature`.
  mutating func resume(since: Ticks, at temperature: Temperature) {
    self = Compensation()
    self.since = since
    self.temperature = temperature
    slowness = temperature == .unknown ? .zero : temperature.slowness
    isOld = true
  }

  func isOlder(than ticks: UInt64, at now: Ticks) -> Bool {
    temperature == .unknown || isOld || now.elapsed(since: since) >= ticks
  }

  /// A temperature counts until the next; only for a time without power the mean of both counts.
  /// So the clock never jumps while it has power.
  mutating func note(_ temperature: Temperature, at now: Ticks, rate: TickRate) {
    let new = temperature.slowness
    if isOld, self.temperature != .unknown {
      slowness = PartsPerBillion((slowness.rawValue + new.rawValue) / 2)
    }
    if self.temperature != .unknown { sum = total(at: now, rate: rate) }
    self.temperature = temperature
    slowness = new
    since = now
    isOld = false
  }

  /// What the crystal has lost since the sync point.
  func total(at now: Ticks, rate: TickRate) -> Microseconds {
    guard temperature != .unknown else { return .zero }
    return sum + slowness.share(of: rate.duration(of: now.elapsed(since: since)))
  }
}
