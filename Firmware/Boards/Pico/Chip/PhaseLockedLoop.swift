import Hardware

/// PLL_USB: 12 MHz × 100 = 1,200 MHz, divided by 5 and by 5 to 48 MHz (RP2040 data sheet, 2.18).
///
/// The oscillator in it has to run at 750 to 1,600 MHz; the faster, the less the output jitters.
enum PhaseLockedLoop {
  static var control: Register { Register(0x4002_C000) }
  static var power: Register { Register(0x4002_C004) }
  static var feedback: Register { Register(0x4002_C008) }
  static var postDividers: Register { Register(0x4002_C00C) }

  static let referenceDivider: UInt32 = 1
  static let feedbackDivider: UInt32 = 100
  static let postDivider1: UInt32 = 5
  static let postDivider2: UInt32 = 5

  static let locked: UInt32 = 1 << 31
  /// Bits of `power`, each of which turns something off.
  static let main: UInt32 = 1 << 0
  static let postDividerPower: UInt32 = 1 << 3
  static let oscillator: UInt32 = 1 << 5

  /// Starts it anew. Nothing may run on it meanwhile; the crystal has to run.
  static func start<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    ResetController.hold(.pllUSB, &bus)
    ResetController.release(.pllUSB, &bus)
    bus.write(referenceDivider, to: control)
    bus.write(feedbackDivider, to: feedback)
    bus.clear(main | oscillator, in: power)
    bus.wait(for: locked, in: control)
    bus.write(postDivider1 << 16 | postDivider2 << 12, to: postDividers)
    bus.clear(postDividerPower, in: power)
  }
}
