import Hardware
import TokenCore

/// The Raspberry Pi Pico as a token's board.
public struct Pico<Bus: RegisterBus & ~Copyable, Chip: FlashChip & ~Copyable>: Board, ~Copyable {
  var bus: Bus
  private var chip: Chip
  private var indicator = Indicator()
  private var entropy = EntropySource()

  public let body: Body
  public let serialNumber: SerialNumber
  public private(set) var tickEpoch: TickEpoch

  public var sectorCount: Int { StorageArea.sectorCount }
  public var sectorSize: Int { StorageArea.sectorSize }
  public var tickRate: TickRate { MicrosecondTimer.rate }

  /// The Pico's crystal: 30 ppm by its make, 30 ppm over temperature, and some years of ageing.
  public var crystalTolerance: PartsPerBillion { PartsPerBillion(70_000) }

  /// Starts the chip: resets, clocks, watchdog, timer, LED, entropy.
  ///
  /// A Pico has no battery: the timer starts from zero at every power-up, and a random `tickEpoch` says so.
  /// Without randomness two runs might be taken for one, and a lost clock for a running one; so it
  /// waits here, winking, for as long as the ring oscillator does not pass its tests.
  public init(bus: consuming Bus, chip: consuming Chip) {
    ResetController.hold(ResetController.Blocks.all.subtracting(Self.inUse), &bus)
    ResetController.release([.ioBank0, .padsBank0, .timer, .systemInformation], &bus)
    ClockTree.start(&bus)
    Watchdog.startTicks(&bus)
    Watchdog.start(&bus)
    MicrosecondTimer.startAlarms(&bus)
    LightEmittingDiode.start(&bus)
    body = SystemInformation.body(&bus)
    serialNumber = SerialNumber(rawValue: chip.uniqueID())
    tickEpoch = TickEpoch(rawValue: 0)
    self.bus = bus
    self.chip = chip
    waitForEntropy()
    tickEpoch = TickEpoch(rawValue: randomNumber())
  }

  /// What the processor runs from and on until `ClockTree` has taken over.
  private static var inUse: ResetController.Blocks { [.ioQSPI, .padsQSPI, .pllSys, .pllUSB] }

  private mutating func waitForEntropy() {
    while !entropy.start(&bus) {
      indicator.show(.wink, at: ticks())
      refresh()
    }
    indicator = Indicator()
    refresh()
  }

  private mutating func randomNumber() -> UInt64 {
    var bytes = InlineArray<8, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    while !fillWithEntropy(&span) { waitForEntropy() }
    var number: UInt64 = 0
    for index in bytes.indices { number = number << 8 | UInt64(bytes[index]) }
    return number
  }

  /// Feeds the watchdog and lets the LED blink; to be called all the time.
  @inline(never)
  mutating func refresh() {
    Watchdog.feed(&bus)
    LightEmittingDiode.show(indicator.isLit(at: ticks()), &bus)
  }

  /// Whether the LED blinks.
  var isAnimated: Bool { indicator.isAnimated }

  /// Turns the LED off, until the next `refresh()`.
  mutating func darken() {
    LightEmittingDiode.show(false, &bus)
  }

  // MARK: Board

  public mutating func ticks() -> Ticks { MicrosecondTimer.now(&bus) }

  public mutating func isTouched() -> Bool { chip.isSelectHeldLow() }

  @inline(never)
  public mutating func indicate(_ indication: Indication) {
    indicator.show(indication, at: ticks())
    LightEmittingDiode.show(indicator.isLit(at: ticks()), &bus)
  }

  public mutating func fillWithEntropy(_ bytes: inout MutableSpan<UInt8>) -> Bool {
    entropy.fill(&bytes, &bus)
  }

  // MARK: Flash

  public mutating func read(at address: Int, into bytes: inout MutableSpan<UInt8>) {
    StorageArea.read(at: address, into: &bytes, &chip)
  }

  // A command may take many flash operations, and the main loop waits for all of them.

  @inline(never)
  public mutating func program(at address: Int, _ bytes: Span<UInt8>) {
    Watchdog.feed(&bus)
    StorageArea.program(at: address, bytes, &chip)
  }

  @inline(never)
  public mutating func erase(sector: Int) {
    Watchdog.feed(&bus)
    StorageArea.erase(sector: sector, &chip)
  }
}
