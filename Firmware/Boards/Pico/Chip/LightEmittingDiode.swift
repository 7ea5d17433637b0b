import Hardware

/// The Pico's LED, on GPIO 25 (RP2040 data sheet, 2.19 and 2.3.1).
enum LightEmittingDiode {
  static let pin: UInt32 = 25
  static var function: Register { Register(0x4001_40CC) }
  static var outputSet: Register { Register(0xD000_0014) }
  static var outputClear: Register { Register(0xD000_0018) }
  static var outputEnableSet: Register { Register(0xD000_0024) }
  /// Function 5 of a pin: SIO, the processor itself.
  static let processorControlled: UInt32 = 5

  static func start<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    show(false, &bus)
    bus.write(1 << pin, to: outputEnableSet)
    bus.write(processorControlled, to: function)
  }

  @inline(never)
  static func show<Bus: RegisterBus & ~Copyable>(_ isLit: Bool, _ bus: inout Bus) {
    bus.write(1 << pin, to: isLit ? outputSet : outputClear)
  }
}
