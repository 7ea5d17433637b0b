import Hardware
import SerialFraming
import TokenCore

/// The BBC micro:bit as QEMU has it (`-machine microbit`): an nRF51822 with a Cortex-M0, its serial port
/// as the way to the host, button A, and one of its lights.
///
/// The last 64 KiB of the flash are the token's. There is no battery, so every start is a new tick epoch.
public struct MicrobitBoard<Bus: RegisterBus & ~Copyable>: Board, ~Copyable {
  /// Where the token's flash begins, and what it is divided into: four pages a sector, because a
  /// record fills half a page.
  static var storage: UInt32 { 0x3_0000 }
  static var pagesInSector: Int { 4 }
  /// FICR's DEVICEID: eight bytes that Nordic gave this chip.
  static var deviceIdentifier: (Register, Register) {
    (Register(0x1000_0060), Register(0x1000_0064))
  }
  /// How long the processor sleeps at most: well within what `Token.poll` asks for.
  static var longestSleep: UInt32 { 20_000 }

  public let body = Body.emulated
  public let serialNumber: SerialNumber
  public let tickEpoch: TickEpoch
  public let sectorCount = 16
  public let sectorSize = 4 * FlashController.pageSize
  public let tickRate = MicrosecondTimer.rate
  public let crystalTolerance = PartsPerBillion(20_000)

  var bus: Bus
  private var timer = MicrosecondTimer()
  private var random = RandomGenerator()
  private var port = SerialPort()
  private let flash = FlashController()
  private let pins = GPIO()
  private let interrupts = InterruptController()

  public init(bus: consuming Bus) {
    var bus = bus
    timer.begin(&bus)
    random.begin(&bus)
    pins.start(&bus)
    port.start(&bus)
    interrupts.wake(on: UART.interrupt | MicrosecondTimer.interrupt, &bus)
    let (low, high) = Self.deviceIdentifier
    serialNumber = SerialNumber(rawValue: UInt64(bus.read(high)) << 32 | UInt64(bus.read(low)))
    // Should the generator fail, the token will say so itself as soon as it needs it.
    var bytes = InlineArray<8, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    _ = random.fill(&span, &bus)
    var epoch: UInt64 = 0
    for index in bytes.indices { epoch = epoch << 8 | UInt64(bytes[index]) }
    tickEpoch = TickEpoch(rawValue: epoch)
    self.bus = bus
  }

  public mutating func ticks() -> Ticks { timer.now(&bus) }

  public mutating func isTouched() -> Bool { pins.isPressed(&bus) }

  public mutating func indicate(_ indication: Indication) {
    pins.light(indication != .idle, &bus)
  }

  public mutating func fillWithEntropy(_ bytes: inout MutableSpan<UInt8>) -> Bool {
    random.fill(&bytes, &bus)
  }
}

// MARK: - Flash

extension MicrobitBoard where Bus: ~Copyable {
  public mutating func read(at address: Int, into bytes: inout MutableSpan<UInt8>) {
    flash.read(at: Self.storage + UInt32(address), into: &bytes, &bus)
  }

  public mutating func program(at address: Int, _ bytes: Span<UInt8>) {
    flash.program(bytes, at: Self.storage + UInt32(address), &bus)
  }

  public mutating func erase(sector: Int) {
    let start = Self.storage + UInt32(sector * sectorSize)
    for page in 0..<Self.pagesInSector {
      flash.erase(pageAt: start + UInt32(page * FlashController.pageSize), &bus)
    }
  }
}

// MARK: - The host

extension MicrobitBoard where Bus: ~Copyable {
  /// The next report from the host, if one is whole.
  public mutating func receive() -> Report? { port.receive(&bus) }

  /// Whether a host is new on the line; to be asked after each `receive()`, before its report is used.
  public mutating func takeNewHost() -> Bool { port.takeNewHost() }

  /// Whether the last report has been handed to the wire, and the next may be sent.
  public mutating func isReadyToSend() -> Bool { port.isIdle(&bus) }

  /// Sends a report. The board is ready to.
  public mutating func send(_ report: Report) { port.send(SerialFrame(report), &bus) }

  /// Sleeps until a byte came, one can be sent, or some time has passed.
  public mutating func sleep() {
    #if hasFeature(Embedded)
      timer.wake(after: Self.longestSleep, &bus)
      if !port.hasWork(&bus) { Processor.waitForInterrupt() }
      interrupts.clear(&bus)
    #endif
  }
}
