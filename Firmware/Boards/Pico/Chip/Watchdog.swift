import Hardware

/// Resets the chip unless it is fed, and makes the microseconds that TIMER counts (RP2040 data sheet,
/// 4.7).
enum Watchdog {
  static var control: Register { Register(0x4005_8000) }
  static var load: Register { Register(0x4005_8004) }
  static var tick: Register { Register(0x4005_802C) }
  /// What the watchdog resets: bits as in the power-on state machine, PSM (2.13).
  static var resetSelection: Register { Register(0x4001_0008) }

  static let enable: UInt32 = 1 << 30
  static let tickEnable: UInt32 = 1 << 9
  /// All but the oscillators, bits 0 and 1, on which the chip runs while it restarts.
  static let everything: UInt32 = 0x1_FFFC

  /// Seconds without food. The longest that the token is at one thing is the erasure of a sector, 0.4 s
  /// at worst; it is fed before each.
  static let patience: UInt32 = 4

  /// Of the crystal's 12 periods makes a microsecond. clk_ref has to run on the crystal.
  static func startTicks<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    bus.write(tickEnable | CrystalOscillator.megahertz, to: tick)
  }

  static func start<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    bus.clear(enable, in: control)
    bus.write(everything, to: resetSelection)
    feed(&bus)
    bus.set(enable, in: control)
  }

  /// It counts two a microsecond (erratum RP2040-E1).
  @inline(never)
  static func feed<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    bus.write(patience * 2_000_000, to: load)
  }
}
