import Hardware
import TokenCore

/// What the chip says about itself (RP2040 data sheet, 2.20).
enum SystemInformation {
  static var platform: Register { Register(0x4000_0004) }
  /// A chip of silicon.
  static let asic: UInt32 = 1 << 1

  /// A model of the chip that means to be honest does not claim to be silicon.
  static func body<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> Body {
    bus.read(platform) & asic == 0 ? .emulated : .hardware
  }
}
