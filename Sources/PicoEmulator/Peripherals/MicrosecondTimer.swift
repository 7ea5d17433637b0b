/// TIMER (RP2040 data sheet, 4.6): 64 bits of microseconds, and four alarms at their lower 32.
final class MicrosecondTimer: Peripheral, Timed {
  private unowned let surroundings: any Surroundings
  private let ticks: () -> TickGenerator

  /// What the counter is ahead of the tick generator.
  private var offset: UInt64 = 0
  /// The counter when it was paused.
  private var pausedAt: UInt64?
  /// TIMEHR, as the last read of TIMELR left it.
  private var latchedHigh: UInt32 = 0
  /// TIMELW, until TIMEHW is written.
  private var writtenLow: UInt32 = 0
  private var alarms = [UInt32](repeating: 0, count: 4)
  private var armed: UInt32 = 0
  /// For each alarm that is armed, the counter at which it goes off.
  private var targets = [UInt64](repeating: 0, count: 4)
  private var debugPause: UInt32 = 7
  private var raised: UInt32 = 0
  private var enabled: UInt32 = 0
  private var forced: UInt32 = 0
  private(set) var nextEvent = Nanoseconds.never

  init(_ surroundings: any Surroundings, ticks: @escaping () -> TickGenerator) {
    self.surroundings = surroundings
    self.ticks = ticks
  }

  func reset() {
    // It counts from 0, wherever the ticks are.
    offset = 0 &- ticks().count(surroundings.now)
    pausedAt = nil
    latchedHigh = 0
    writtenLow = 0
    alarms = [0, 0, 0, 0]
    armed = 0
    debugPause = 7
    raised = 0
    enabled = 0
    forced = 0
    nextEvent = .never
  }

  /// Microseconds.
  var count: UInt64 { pausedAt ?? (ticks().count(surroundings.now) &+ offset) }

  /// The interrupts that are raised, by alarm.
  var interrupts: UInt32 { raised & enabled | forced }

  /// After the ticks or their rate changed.
  func ticksChanged() {
    schedule()
  }

  func read(_ offset: UInt32) -> UInt32? {
    switch offset {
    case 0x00, 0x04: return 0  // TIMEHW, TIMELW: to be written alone
    case 0x08: return latchedHigh
    case 0x0C:
      latchedHigh = UInt32(truncatingIfNeeded: count >> 32)
      return UInt32(truncatingIfNeeded: count)
    case 0x10...0x1C: return alarms[Int(offset - 0x10) / 4]
    case 0x20: return armed
    case 0x24: return UInt32(truncatingIfNeeded: count >> 32)
    case 0x28: return UInt32(truncatingIfNeeded: count)
    case 0x2C: return debugPause
    case 0x30: return pausedAt == nil ? 0 : 1
    case 0x34: return raised
    case 0x38: return enabled
    case 0x3C: return forced
    case 0x40: return interrupts
    default: return nil
    }
  }

  func write(_ offset: UInt32, _ write: RegisterWrite) -> Bool {
    switch offset {
    case 0x00: setCount(UInt64(write.applied(to: 0)) << 32 | UInt64(writtenLow))
    case 0x04: writtenLow = write.applied(to: 0)
    case 0x10...0x1C:
      let index = Int(offset - 0x10) / 4
      alarms[index] = write.applied(to: alarms[index])
      arm(index)
    case 0x20: armed = write.cleared(armed, mask: 0xF)
    case 0x2C: debugPause = write.applied(to: debugPause, mask: 6)
    case 0x30: setPaused(write.applied(to: pausedAt == nil ? 0 : 1) & 1 == 1)
    case 0x34: raised = write.cleared(raised, mask: 0xF)
    case 0x38: enabled = write.applied(to: enabled, mask: 0xF)
    case 0x3C: forced = write.applied(to: forced, mask: 0xF)
    case 0x08, 0x0C, 0x24, 0x28, 0x40:
      surroundings.report(.readOnly, "a register of TIMER that counts is written")
    default: return false
    }
    schedule()
    return true
  }

  func advance(to now: Nanoseconds) {
    guard now >= nextEvent else { return }
    for index in 0..<4 where armed >> UInt32(index) & 1 == 1 && targets[index] <= count {
      armed &= ~(1 << UInt32(index))
      raised |= 1 << UInt32(index)
    }
    schedule()
  }

  /// An alarm goes off when the lower 32 bits are equal to it: for a time that has just passed, after
  /// 71 minutes.
  private func arm(_ index: Int) {
    armed |= 1 << UInt32(index)
    targets[index] = count + UInt64(alarms[index] &- UInt32(truncatingIfNeeded: count))
  }

  private func setCount(_ value: UInt64) {
    offset = value &- ticks().count(surroundings.now)
    if pausedAt != nil { pausedAt = value }
    for index in 0..<4 where armed >> UInt32(index) & 1 == 1 { arm(index) }
  }

  private func setPaused(_ isPaused: Bool) {
    if isPaused, pausedAt == nil {
      pausedAt = count
    } else if !isPaused, let count = pausedAt {
      pausedAt = nil
      offset = count &- ticks().count(surroundings.now)
    }
  }

  private func schedule() {
    nextEvent = .never
    surroundings.reconsider()
    guard pausedAt == nil else { return }
    let ticks = ticks()
    for index in 0..<4 where armed >> UInt32(index) & 1 == 1 {
      let moment = ticks.moment(of: targets[index] &- offset, surroundings.now)
      nextEvent = min(nextEvent, moment)
    }
  }
}
