/// SysTick (ARMv6-M, B3.3): counts down 24 bits, from its reload value to 0, and sets SysTick
/// pending.
final class SystemTimer: Timed {
  private unowned let surroundings: any Surroundings
  private let frequency: () -> Hertz
  private let pend: () -> Void

  private var isEnabled = false
  private var interrupts = false
  private var usesCoreClock = false
  private var hasCountedToZero = false
  private var reload: UInt32 = 0
  /// The counter at `since`.
  private var current: UInt32 = 0
  private var since = Nanoseconds.zero
  private(set) var nextEvent = Nanoseconds.never

  /// - Parameters:
  ///   - frequency: of the core's clock.
  ///   - pend: sets SysTick pending.
  init(
    _ surroundings: any Surroundings, frequency: @escaping () -> Hertz, pend: @escaping () -> Void
  ) {
    self.surroundings = surroundings
    self.frequency = frequency
    self.pend = pend
  }

  func reset() {
    isEnabled = false
    interrupts = false
    usesCoreClock = false
    hasCountedToZero = false
    reload = 0
    current = 0
    nextEvent = .never
  }

  /// Whether it will set SysTick pending.
  var isInterrupting: Bool { isEnabled && interrupts }

  /// SYST_CSR; reading it clears COUNTFLAG.
  var control: UInt32 {
    get {
      defer { hasCountedToZero = false }
      return (isEnabled ? 1 : 0) | (interrupts ? 2 : 0) | (usesCoreClock ? 4 : 0)
        | (hasCountedToZero ? 1 << 16 : 0)
    }
    set {
      current = counter
      since = surroundings.now
      isEnabled = newValue & 1 != 0
      interrupts = newValue & 2 != 0
      usesCoreClock = newValue & 4 != 0
      schedule()
    }
  }

  /// SYST_RVR.
  var reloadValue: UInt32 {
    get { reload }
    set {
      current = counter
      since = surroundings.now
      reload = newValue & 0xFF_FFFF
      schedule()
    }
  }

  /// SYST_CVR. Writing anything sets it to 0.
  var counter: UInt32 {
    get {
      guard isEnabled, reload > 0 else { return current }
      let elapsed = rate.count(in: surroundings.now - since)
      guard elapsed > UInt64(current) else { return current - UInt32(elapsed) }
      let period = UInt64(reload) + 1
      return UInt32((UInt64(current) + period - elapsed % period) % period)
    }
    set {
      current = 0
      since = surroundings.now
      hasCountedToZero = false
      schedule()
    }
  }

  func advance(to now: Nanoseconds) {
    guard now >= nextEvent else { return }
    current = counter
    since = now
    hasCountedToZero = true
    if interrupts { pend() }
    schedule()
  }

  /// The reference is a microsecond, from the watchdog's tick generator.
  private var rate: Hertz { usesCoreClock ? frequency() : Hertz(1_000_000) }

  private func schedule() {
    guard isEnabled, reload > 0 else {
      nextEvent = .never
      return
    }
    let steps = current == 0 ? UInt64(reload) + 1 : UInt64(current)
    nextEvent = since + rate.length(of: steps)
    surroundings.reconsider()
  }
}
