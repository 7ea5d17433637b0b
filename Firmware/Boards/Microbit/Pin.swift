import Hardware

/// The pins of the nRF51 by what the board has on them.
enum Pin {
  static let buttonA: UInt32 = 17
  /// A column of the light-emitting diodes, driven low, and a row, driven high: the one at the top left.
  static let column: UInt32 = 4
  static let row: UInt32 = 13
  static let txd: UInt32 = 24
  static let rxd: UInt32 = 25
  /// Wired to nothing on a micro:bit; an emulator needs none.
  static let rts: UInt32 = 26
  static let cts: UInt32 = 27
}

/// Button and light (nRF51 Series Reference Manual, chapter 14).
struct GPIO {
  private static let base: UInt32 = 0x5000_0000
  static let set = Register(base + 0x508)
  static let clear = Register(base + 0x50C)
  static let input = Register(base + 0x510)
  static let makeOutput = Register(base + 0x518)

  /// PIN_CNF: an input that is connected, without pull; the board has a resistor.
  static func configuration(of pin: UInt32) -> Register { Register(base + 0x700 + 4 * pin) }

  func start<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    bus.write(0, to: Self.configuration(of: Pin.buttonA))
    bus.write(1 << Pin.column, to: Self.clear)
    bus.write(1 << Pin.column | 1 << Pin.row, to: Self.makeOutput)
  }

  /// The button pulls its pin low.
  func isPressed<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> Bool {
    bus.read(Self.input) & 1 << Pin.buttonA == 0
  }

  func light<Bus: RegisterBus & ~Copyable>(_ isOn: Bool, _ bus: inout Bus) {
    bus.write(1 << Pin.row, to: isOn ? Self.set : Self.clear)
  }
}
