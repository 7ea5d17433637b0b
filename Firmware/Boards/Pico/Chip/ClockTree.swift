import Hardware

/// The chip's clocks (RP2040 data sheet, 2.15): 12 MHz of the crystal for clk_ref, and 48 MHz of PLL_USB
/// for both clk_sys and clk_usb.
///
/// One speed for the processor and the USB controller: it is fast enough, and what the one writes is
/// what the other sees in the next cycle. clk_peri, clk_adc and clk_rtc stay off, as nothing runs on them.
enum ClockTree {
  enum Reference {
    static var control: Register { Register(0x4000_8030) }
    static var divider: Register { Register(0x4000_8034) }
    static var selected: Register { Register(0x4000_8038) }
    /// Source 0 is the ring oscillator, on which the chip wakes up.
    static let crystal: UInt32 = 2
  }

  enum System {
    static var control: Register { Register(0x4000_803C) }
    static var divider: Register { Register(0x4000_8040) }
    static var selected: Register { Register(0x4000_8044) }
    /// Source 0 is clk_ref.
    static let auxiliary: UInt32 = 1
    static let auxiliaryPLLUSB: UInt32 = 1 << 5
  }

  enum USB {
    static var control: Register { Register(0x4000_8054) }
    static var divider: Register { Register(0x4000_8058) }
    static let enable: UInt32 = 1 << 11
    static let auxiliaryPLLUSB: UInt32 = 0 << 5
  }

  static var resuscitation: Register { Register(0x4000_8078) }
  static let sourceField: UInt32 = 0x3
  static let auxiliaryField: UInt32 = 0x7 << 5
  /// Dividers have 8 bits behind the point.
  static let undivided: UInt32 = 1 << 8

  /// Starts the crystal and the PLL, and moves the clocks over to them without a glitch: whatever runs
  /// on a source is first moved off it.
  static func start<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    bus.write(0, to: resuscitation)
    CrystalOscillator.start(&bus)

    bus.clear(sourceField, in: System.control)
    bus.wait(for: 1, in: System.selected)
    bus.clear(sourceField, in: Reference.control)
    bus.wait(for: 1, in: Reference.selected)
    bus.clear(USB.enable, in: USB.control)
    PhaseLockedLoop.start(&bus)

    bus.write(undivided, to: Reference.divider)
    bus.replace(sourceField, with: Reference.crystal, in: Reference.control)
    bus.wait(for: 1 << Reference.crystal, in: Reference.selected)

    bus.write(undivided, to: System.divider)
    bus.replace(auxiliaryField, with: System.auxiliaryPLLUSB, in: System.control)
    bus.replace(sourceField, with: System.auxiliary, in: System.control)
    bus.wait(for: 1 << System.auxiliary, in: System.selected)

    bus.write(undivided, to: USB.divider)
    bus.replace(auxiliaryField, with: USB.auxiliaryPLLUSB, in: USB.control)
    bus.set(USB.enable, in: USB.control)
  }
}
