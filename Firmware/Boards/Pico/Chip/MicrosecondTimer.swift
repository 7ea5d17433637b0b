import Hardware
import TokenCore

/// TIMER: 64 bits of microseconds since the chip was reset (RP2040 data sheet, 4.6), and an alarm
/// that wakes the processor.
enum MicrosecondTimer {
  static var high: Register { Register(0x4005_4024) }
  static var low: Register { Register(0x4005_4028) }
  static var alarm: Register { Register(0x4005_4010) }
  static var interruptRaised: Register { Register(0x4005_4034) }
  static var interruptEnable: Register { Register(0x4005_4038) }

  static let rate = TickRate(ticksPerSecond: 1_000_000)
  static let alarm0: UInt32 = 1 << 0
  /// TIMER_IRQ_0, of alarm 0.
  static let interrupt: UInt32 = 1 << 0

  /// The halves are read apart: the low one may have run over between them.
  static func now<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> Ticks {
    var high = bus.read(high)
    while true {
      let low = bus.read(low)
      let highAfter = bus.read(Self.high)
      if high == highAfter { return Ticks(UInt64(high) << 32 | UInt64(low)) }
      high = highAfter
    }
  }

  static func startAlarms<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    bus.set(alarm0, in: interruptEnable)
  }

  /// Forgets that the alarm was raised, and raises it again `microseconds` from now.
  static func setAlarm<Bus: RegisterBus & ~Copyable>(
    inMicroseconds microseconds: UInt32, _ bus: inout Bus
  ) {
    // Cleared by writing ones; an alias would write them as zeros.
    bus.write(alarm0, to: interruptRaised)
    bus.write(bus.read(low) &+ microseconds, to: alarm)
  }
}
