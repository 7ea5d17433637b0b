/// WATCHDOG (RP2040 data sheet, 4.7): a reset unless it is fed, the ticks of the timer, and eight
/// words that outlive a reset.
final class Watchdog: Peripheral, Timed {
  enum Reason: UInt32 {
    case none = 0
    case timer = 1
    case forced = 2
  }

  private unowned let surroundings: any Surroundings
  private let reference: () -> Hertz?
  private let fire: (Reason) -> Void
  private(set) var ticks = TickGenerator()
  private var isEnabled = false
  private var pauseBits: UInt32 = 0x0700_0000
  private var loadValue: UInt32 = 0
  private var loadedAt: UInt64 = 0
  private var reason = Reason.none
  private(set) var scratch = [UInt32](repeating: 0, count: 8)
  private(set) var nextEvent = Nanoseconds.never

  /// The counter goes down by two at each tick (erratum RP2040-E1).
  private static let decrement: UInt64 = 2

  /// - Parameters:
  ///   - reference: clk_ref's frequency.
  ///   - fire: resets what is to be reset.
  init(
    _ surroundings: any Surroundings, reference: @escaping () -> Hertz?,
    fire: @escaping (Reason) -> Void
  ) {
    self.surroundings = surroundings
    self.reference = reference
    self.fire = fire
  }

  func reset() {
    disable()
    reason = .none
    scratch = [UInt32](repeating: 0, count: 8)
  }

  /// What a reset by the watchdog itself does: the scratch registers and the reason stay.
  func disable() {
    isEnabled = false
    pauseBits = 0x0700_0000
    loadValue = 0
    ticks.set(0x200, reference: reference(), surroundings.now)
    nextEvent = .never
  }

  /// Where the boot ROM is to go instead of to flash, and with which stack: what SCRATCH4 to 7 say when
  /// they are marked for it (RP2040 data sheet, 2.8.1.1). They are so once.
  func takeBootVector() -> (entry: UInt32, stack: UInt32)? {
    let mark: UInt32 = 0xB007_C0D3
    guard scratch[4] == mark, scratch[5] ^ scratch[7] == 0 &- mark else { return nil }
    scratch[4] = 0
    return (scratch[7], scratch[6])
  }

  /// After clk_ref changed.
  func referenceChanged() {
    ticks.set(ticks.control, reference: reference(), surroundings.now)
    schedule()
  }

  /// Ticks left before it fires, in its own count.
  private var counter: UInt32 {
    let elapsed = (ticks.count(surroundings.now) - loadedAt) * Self.decrement
    return elapsed >= UInt64(loadValue) ? 0 : loadValue - UInt32(elapsed)
  }

  func read(_ offset: UInt32) -> UInt32? {
    switch offset {
    case 0x00: return counter & 0xFF_FFFF | pauseBits | (isEnabled ? 1 << 30 : 0)
    case 0x04: return 0
    case 0x08: return reason.rawValue
    case 0x0C...0x28: return scratch[Int(offset - 0x0C) / 4]
    case 0x2C: return ticks.control | (ticks.isRunning ? 1 << 10 : 0)
    default: return nil
    }
  }

  func write(_ offset: UInt32, _ write: RegisterWrite) -> Bool {
    switch offset {
    case 0x00:
      let new = write.applied(to: pauseBits | (isEnabled ? 1 << 30 : 0), mask: 0xC700_0000)
      pauseBits = new & 0x0700_0000
      if new & 1 << 30 != 0, !isEnabled {
        loadValue = counter
        loadedAt = ticks.count(surroundings.now)
      }
      isEnabled = new & 1 << 30 != 0
      if new & 1 << 31 != 0 {
        reason = .forced
        fire(.forced)
        return true
      }
    case 0x04:
      loadValue = write.applied(to: 0, mask: 0xFF_FFFF)
      loadedAt = ticks.count(surroundings.now)
    case 0x08: surroundings.report(.readOnly, "WATCHDOG_REASON is written")
    case 0x0C...0x28:
      let index = Int(offset - 0x0C) / 4
      scratch[index] = write.applied(to: scratch[index])
    case 0x2C: setTick(write.applied(to: ticks.control))
    default: return false
    }
    schedule()
    return true
  }

  func advance(to now: Nanoseconds) {
    guard now >= nextEvent else { return }
    nextEvent = .never
    reason = .timer
    fire(.timer)
  }

  private func setTick(_ control: UInt32) {
    ticks.set(control, reference: reference(), surroundings.now)
    guard let (numerator, divisor) = ticks.frequency else { return }
    if numerator.rawValue != divisor * 1_000_000 {
      surroundings.report(
        .timerTick,
        "WATCHDOG_TICK divides clk_ref's \(numerator) by \(divisor); a tick has to be a microsecond"
      )
    }
  }

  private func schedule() {
    nextEvent =
      isEnabled
      ? ticks.moment(
        of: loadedAt + (UInt64(loadValue) + Self.decrement - 1) / Self.decrement,
        surroundings.now)
      : .never
    surroundings.reconsider()
  }
}
