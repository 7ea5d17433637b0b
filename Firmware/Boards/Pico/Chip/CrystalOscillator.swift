import Hardware

/// The crystal oscillator, XOSC, with the Pico's crystal of 12 MHz (RP2040 data sheet, 2.16).
enum CrystalOscillator {
  static var control: Register { Register(0x4002_4000) }
  static var status: Register { Register(0x4002_4004) }
  static var startup: Register { Register(0x4002_400C) }

  static let megahertz: UInt32 = 12

  /// 1 to 15 MHz, the only range there is.
  static let range: UInt32 = 0xAA0
  static let enable: UInt32 = 0xFAB << 12
  static let stable: UInt32 = 1 << 31

  /// 6 ms in units of 256 periods. The data sheet's example waits 1 ms; crystals in the cold want more.
  static let startupDelay: UInt32 = (6_000 * megahertz + 255) / 256

  static func start<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    bus.write(range, to: control)
    bus.write(startupDelay, to: startup)
    bus.set(enable, in: control)
    bus.wait(for: stable, in: status)
  }
}
