/// Turns instructions into time: one takes one cycle of clk_sys, and no fraction of a nanosecond is
/// lost from one count to the next.
///
/// A real Cortex-M0+ needs two cycles for a load, a store or a branch that is taken, and waits for a
/// cache line of flash; the model counts instructions, so that a count can be compared.
struct Timebase {
  /// When `count` instructions had been executed.
  private var base = Nanoseconds.zero
  private var count: UInt64 = 0
  /// What `base` leaves out, in nanoseconds by `frequency`'s hertz.
  private var remainder: UInt64 = 0
  /// Of clk_sys.
  private(set) var frequency: Hertz

  init(_ frequency: Hertz) {
    self.frequency = frequency
  }

  /// - Parameter executed: instructions executed since the model was made.
  func now(_ executed: UInt64) -> Nanoseconds {
    base + split(executed).whole
  }

  private func split(_ executed: UInt64) -> (whole: Nanoseconds, remainder: UInt64) {
    let product = (executed - count) * 1_000_000_000 + remainder
    let (whole, remainder) = product.quotientAndRemainder(dividingBy: frequency.rawValue)
    return (Nanoseconds(whole), remainder)
  }

  /// Counts from here; to be called before `longestRun` instructions have been executed since the
  /// last time.
  mutating func settle(_ executed: UInt64) {
    let (whole, rest) = split(executed)
    base = base + whole
    count = executed
    remainder = rest
  }

  /// A run that is no longer keeps the product of instructions and nanoseconds within 64 bits.
  static let longestRun: UInt64 = 1 << 32

  /// Goes on from here with another frequency.
  mutating func change(to frequency: Hertz, _ executed: UInt64) {
    base = now(executed)
    count = executed
    remainder = 0
    self.frequency = frequency
  }

  /// Lets time pass without instructions, up to `moment`, or not at all if that has passed.
  mutating func skip(to moment: Nanoseconds, _ executed: UInt64) {
    settle(executed)
    if moment > base {
      base = moment
      remainder = 0
    }
  }

  /// How many instructions fit before `moment`; at least 1.
  func instructions(until moment: Nanoseconds, _ executed: UInt64) -> UInt64 {
    let count = frequency.count(in: moment - now(executed))
    return min(count, Self.longestRun - 1) + 1
  }
}
