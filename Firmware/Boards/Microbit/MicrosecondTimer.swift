import Hardware
import TokenCore

/// TIMER0 (nRF51 Series Reference Manual, chapter 18) as a tick counter of 1 MHz from the 16 MHz
/// crystal, and as what wakes the processor.
///
/// The counter has 32 bits and begins anew every 4,295 s; it has to be read at least once in between.
struct MicrosecondTimer {
  /// The crystal's oscillator (chapter 12): has to run before the time is any good.
  static let startCrystal = Register(0x4000_0000)
  static let crystalStarted = Register(0x4000_0100)

  private static let base: UInt32 = 0x4000_8000
  static let start = Register(base + 0x000)
  static let clear = Register(base + 0x00C)
  /// Copies the counter to the comparator of the same number.
  static let capture = Register(base + 0x040)
  static let compared = Register(base + 0x144)
  static let raiseInterrupt = Register(base + 0x304)
  static let width = Register(base + 0x508)
  static let prescaler = Register(base + 0x510)
  static let captured = Register(base + 0x540)
  static let wakeUp = Register(base + 0x544)

  /// Its line at the interrupt controller, a bit.
  static let interrupt: UInt32 = 1 << 8

  private enum Value {
    static let bits32: UInt32 = 3
    /// 16 MHz / 2^4.
    static let megahertz: UInt32 = 4
    /// INTENSET's bit of comparator 1.
    static let comparator1: UInt32 = 1 << 17
  }

  static let rate = TickRate(ticksPerSecond: 1_000_000)

  private var last: UInt32 = 0
  private var rounds: UInt32 = 0

  func begin<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    bus.write(1, to: Self.startCrystal)
    while bus.read(Self.crystalStarted) == 0 {}
    bus.write(Value.bits32, to: Self.width)
    bus.write(Value.megahertz, to: Self.prescaler)
    bus.write(Value.comparator1, to: Self.raiseInterrupt)
    bus.write(1, to: Self.clear)
    bus.write(1, to: Self.start)
  }

  mutating func now<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> Ticks {
    bus.write(1, to: Self.capture)
    let counter = bus.read(Self.captured)
    if counter < last { rounds += 1 }
    last = counter
    return Ticks(UInt64(rounds) << 32 | UInt64(counter))
  }

  /// Raises the interrupt `microseconds` after the last `now`.
  func wake<Bus: RegisterBus & ~Copyable>(after microseconds: UInt32, _ bus: inout Bus) {
    bus.write(0, to: Self.compared)
    bus.write(last &+ microseconds, to: Self.wakeUp)
  }
}
