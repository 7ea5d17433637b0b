/// The part of the watchdog that divides clk_ref down to the microseconds that the timer and the
/// watchdog count (RP2040 data sheet, 4.7.2).
struct TickGenerator {
  /// WATCHDOG_TICK: CYCLES in bits 8 to 0, ENABLE bit 9, RUNNING bit 10. It is enabled after reset,
  /// but divides by nothing.
  private(set) var control: UInt32 = 0x200
  private var ticks: UInt64 = 0
  private var since = Nanoseconds.zero
  private var rate: (numerator: Hertz, divisor: UInt64)?

  var isRunning: Bool { rate != nil }

  /// Ticks a second, as a fraction; `nil` while it stands still.
  var frequency: (numerator: Hertz, divisor: UInt64)? { rate }

  /// Ticks since the model was made.
  func count(_ now: Nanoseconds) -> UInt64 {
    guard let rate else { return ticks }
    return ticks
      + scaled(
        (now - since).rawValue, by: rate.numerator.rawValue, over: 1_000_000_000 * rate.divisor)
  }

  /// When `count` will have reached `target`; `never` while it stands still.
  func moment(of target: UInt64, _ now: Nanoseconds) -> Nanoseconds {
    guard target > count(now) else { return now }
    guard let rate else { return .never }
    return since
      + Nanoseconds(
        scaledUp(target - ticks, by: 1_000_000_000 * rate.divisor, over: rate.numerator.rawValue))
  }

  /// - Parameter reference: clk_ref's frequency.
  mutating func set(_ control: UInt32, reference: Hertz?, _ now: Nanoseconds) {
    ticks = count(now)
    since = now
    self.control = control & 0x3FF
    let cycles = UInt64(control & 0x1FF)
    if control & 0x200 != 0, cycles > 0, let reference {
      rate = (reference, cycles)
    } else {
      rate = nil
    }
  }
}
