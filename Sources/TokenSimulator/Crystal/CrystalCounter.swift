import Glibc
import TokenCore

/// A tick counter on a crystal, somewhere: it lets true time pass and counts it as the crystal does.
///
/// What is simulated is the crystal's phase, in whole intervals of up to `interval` seconds, with the
/// error in the middle of each; so ten years take milliseconds. Ticks are the whole cycles, as a
/// counter sees them.
public struct CrystalCounter: Equatable, Sendable {
  /// The temperature is looked at this often, seconds.
  public static let interval = 3_600.0

  public let crystal: Crystal
  public var climate: Climate
  public var battery: Battery
  public let rate: TickRate
  /// True seconds since the start.
  public private(set) var seconds = 0.0
  /// What the crystal is ahead of the true time, seconds.
  public private(set) var ahead = 0.0

  /// - Parameter rate: SimulatedClock's if it is not given.
  public init(
    _ crystal: Crystal, in climate: Climate = Climate(), battery: Battery = Battery(),
    rate: TickRate = SimulatedClock.rate
  ) {
    self.crystal = crystal
    self.climate = climate
    self.battery = battery
    self.rate = rate
  }

  /// Whether the battery still has something in it.
  public var isRunning: Bool { seconds < battery.life }

  /// The counter, rounded down to whole ticks; good for 8,000 years.
  public var ticks: Ticks {
    Ticks(UInt64(max(0, (seconds + ahead) * Double(rate.ticksPerSecond))))
  }

  public var temperature: Double { climate.temperature(at: seconds) }

  /// By how much the crystal is too fast at this moment, ppb.
  public var error: Double {
    crystal.error(at: temperature, age: seconds, volts: battery.volts(at: seconds))
  }

  /// Lets true time pass until `end`, seconds since the start; nothing if that is over. An empty
  /// battery ends it.
  public mutating func run(until end: Double) {
    let end = min(end, battery.life)
    while seconds < end {
      // To the next whole interval, so that the way there does not matter.
      let next = min(end, (floor(seconds / Self.interval) + 1) * Self.interval)
      let middle = (seconds + next) / 2
      let error = crystal.error(
        at: climate.temperature(at: middle), age: middle, volts: battery.volts(at: middle))
      ahead += (next - seconds) * error / 1e9
      seconds = next
    }
  }
}
