import TokenCore

/// A battery-backed tick counter on a watch crystal, 32,768 ticks a second by its nominal rate.
///
/// It moves only when told how much time truly passed, and counts that time with its crystal's
/// error. It runs on the cable or on its battery, and loses its count when it has neither.
public struct SimulatedClock: Equatable, Sendable {
  public static let rate = TickRate(ticksPerSecond: 32_768)
  /// What the board promises about its crystal, over temperature and age: 20 ppm.
  public static let tolerance = PartsPerBillion(20_000)
  /// The crystal errors that can be simulated, which go far beyond what the board promises.
  public static let crystalOffsets = PartsPerBillion(-1_000_000)...PartsPerBillion(1_000_000)

  public private(set) var epoch: TickEpoch
  public private(set) var ticks: Ticks
  /// What the crystal has counted beyond `ticks`, in billionths of a tick, within ±10^9.
  public private(set) var remainder: Int64
  public private(set) var hasBattery: Bool
  public private(set) var isOnCable = false
  /// By how much the crystal really is too fast.
  public let crystalOffset: PartsPerBillion

  /// A clock on its battery, if it has one, and not on the cable.
  ///
  /// - Parameter crystalOffset: within `crystalOffsets`.
  public init(
    epoch: TickEpoch = TickEpoch(rawValue: 1), ticks: Ticks = Ticks(0), remainder: Int64 = 0,
    hasBattery: Bool = true, crystalOffset: PartsPerBillion = PartsPerBillion(0)
  ) {
    precondition(Self.crystalOffsets.contains(crystalOffset))
    precondition(abs(remainder) < 1_000_000_000)
    self.epoch = epoch
    self.ticks = ticks
    self.remainder = remainder
    self.hasBattery = hasBattery
    self.crystalOffset = crystalOffset
    if !hasBattery && ticks > Ticks(0) {
      loseCount()
    }
  }

  public var isRunning: Bool { hasBattery || isOnCable }

  /// The temperatures that can be simulated, °C: what electronics is made for.
  public static let temperatures = -40...85

  /// Lets time pass. Nothing happens to a clock that does not run.
  ///
  /// - Parameters:
  ///   - time: below 2^53, which is 8,000 years.
  ///   - celsius: the temperature meanwhile, within `temperatures`. Its crystal is fastest at 25 °C.
  public mutating func advance(by time: TrueTicks, celsius: Int = 25) {
    precondition(Self.temperatures.contains(celsius))
    precondition(time.rawValue < 1 << 53)
    guard isRunning else { return }
    // Split so that nothing overflows: billions < 2^24 and |offset| < 2 * 10^6; rest < 10^9.
    let (billions, rest) = Int64(time.rawValue).quotientAndRemainder(dividingBy: 1_000_000_000)
    let distance = Double(celsius) - Crystal().turnover
    let slowness = Int64((Crystal().curvature * distance * distance).rounded())
    let offset = Int64(crystalOffset.rawValue) + slowness
    let error = (rest * offset + remainder).quotientAndRemainder(dividingBy: 1_000_000_000)
    remainder = error.remainder
    // Never negative: the error is a five-hundredth of the time at most, and the remainder below 1.
    ticks = ticks.advanced(
      by: UInt64(Int64(time.rawValue) + billions * offset + error.quotient))
  }

  public mutating func setBattery(present: Bool) {
    hasBattery = present
    if !isRunning { loseCount() }
  }

  public mutating func setCable(plugged: Bool) {
    let ran = isRunning
    isOnCable = plugged
    if ran && !isRunning { loseCount() }
  }

  private mutating func loseCount() {
    epoch = TickEpoch(rawValue: epoch.rawValue &+ 1)
    ticks = Ticks(0)
    remainder = 0
  }
}
