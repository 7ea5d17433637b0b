/// The last correction of the clock: where its course starts, and what it may still be corrected by.
struct SyncPoint: Sendable {
  var tickEpoch = TickEpoch(rawValue: 0)
  var ticks = Ticks(0)
  var time = UnixTime(microseconds: 0)
  /// The clock's error at this point, either way.
  var bound = Microseconds.zero
  /// What is to be added to the time, little by little.
  var slew = Microseconds.zero
  /// What a host may correct without authentication, from this point on.
  var allowance = Allowance()
  /// The time that CLOCK STATUS gives as the last correction's.
  var corrected = UnixTime(microseconds: 0)
  var course = Course()
  /// How far off the course's frequency may be; `.max` before anything was learned.
  var frequencyBound = PartsPerBillion(.max)
  /// Of the crystal when this was stored; `.unknown` on a board without a sensor.
  var temperature = Temperature.unknown
}

/// What a host may move the clock by without authentication, either way: what the crystal explains
/// and what no host has yet made use of.
struct Allowance: Sendable {
  var forward = Microseconds.zero
  var backward = Microseconds.zero

  /// - Parameters:
  ///   - drift: what the crystal can have drifted since, by the tick counter's nominal rate.
  ///   - correction: what the clock has made of that itself, by the course it is on.
  ///   - limit: of either.
  func grown(by drift: Microseconds, less correction: Microseconds, limit: Microseconds)
    -> Allowance
  {
    Allowance(
      forward: (forward + drift - correction).clamped(to: .zero, limit),
      backward: (backward + drift + correction).clamped(to: .zero, limit))
  }

  /// Whether the clock may be moved so far.
  func permits(_ difference: Microseconds) -> Bool {
    difference.magnitude <= (difference < .zero ? backward : forward)
  }
}
