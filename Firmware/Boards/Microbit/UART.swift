import Hardware

/// The serial port (nRF51 Series Reference Manual, chapter 29): eight bits, no parity, with flow control
/// by RTS and CTS, since six received bytes are all that the port keeps.
///
/// It never waits: a byte is given to it when it says that it is free.
struct UART {
  private static let base: UInt32 = 0x4000_2000
  static let startReceiver = Register(base + 0x000)
  static let startTransmitter = Register(base + 0x008)
  static let received = Register(base + 0x108)
  static let sent = Register(base + 0x11C)
  /// A break, a framing error or an overrun; which one, `faultSource` says until it is written back.
  static let fault = Register(base + 0x124)
  static let raiseInterrupt = Register(base + 0x304)
  static let faultSource = Register(base + 0x480)
  static let enable = Register(base + 0x500)
  static let selectRTS = Register(base + 0x508)
  static let selectTXD = Register(base + 0x50C)
  static let selectCTS = Register(base + 0x510)
  static let selectRXD = Register(base + 0x514)
  static let receivedByte = Register(base + 0x518)
  static let byteToSend = Register(base + 0x51C)
  static let baudRate = Register(base + 0x524)
  static let configuration = Register(base + 0x56C)

  /// Its line at the interrupt controller, a bit.
  static let interrupt: UInt32 = 1 << 2

  private enum Value {
    static let enabled: UInt32 = 4
    static let oneMegabaud: UInt32 = 0x1000_0000
    static let flowControl: UInt32 = 1
    /// INTENSET's bits of `received` and `sent`.
    static let bothEvents: UInt32 = 1 << 2 | 1 << 7
  }

  private var isSending = false

  func start<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    bus.write(Pin.rts, to: Self.selectRTS)
    bus.write(Pin.txd, to: Self.selectTXD)
    bus.write(Pin.cts, to: Self.selectCTS)
    bus.write(Pin.rxd, to: Self.selectRXD)
    bus.write(Value.oneMegabaud, to: Self.baudRate)
    bus.write(Value.flowControl, to: Self.configuration)
    bus.write(Value.enabled, to: Self.enable)
    bus.write(Value.bothEvents, to: Self.raiseInterrupt)
    bus.write(1, to: Self.startReceiver)
    bus.write(1, to: Self.startTransmitter)
  }

  func hasReceived<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> Bool {
    bus.read(Self.received) != 0
  }

  /// Whether the line had a fault since the last look.
  func takeFault<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> Bool {
    guard bus.read(Self.fault) != 0 else { return false }
    bus.write(0, to: Self.fault)
    bus.write(bus.read(Self.faultSource), to: Self.faultSource)
    return true
  }

  /// The next byte that has come, if one has.
  func receive<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> UInt8? {
    guard hasReceived(&bus) else { return nil }
    // In this order: reading the byte raises the event anew when another one waits.
    bus.write(0, to: Self.received)
    return UInt8(truncatingIfNeeded: bus.read(Self.receivedByte))
  }

  /// Whether it takes a byte: the one before has left. The event is cleared as soon as it is seen, or its
  /// interrupt would stay raised.
  mutating func isFree<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> Bool {
    if isSending, bus.read(Self.sent) != 0 {
      bus.write(0, to: Self.sent)
      isSending = false
    }
    return !isSending
  }

  /// Sends a byte. The port is free.
  mutating func send<Bus: RegisterBus & ~Copyable>(_ byte: UInt8, _ bus: inout Bus) {
    bus.write(UInt32(byte), to: Self.byteToSend)
    isSending = true
  }
}
