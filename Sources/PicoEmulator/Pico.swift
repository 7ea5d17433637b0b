/// A Raspberry Pi Pico: an RP2040, its flash, its crystal, the BOOTSEL button, the LED and the USB
/// connector, as software.
///
/// It runs a firmware image as the chip does, from the boot ROM on, and is strict where the chip is
/// forgiving: whatever breaks a rule of the data sheet is kept in `violations`. The model has one
/// core, and those peripherals that a USB device needs; anything else is a violation too,
/// `notModelled`.
///
/// Time passes with the instructions that are executed, and at once while the core sleeps. Nothing
/// happens outside the `run` methods, and the same calls have the same results in every run.
public final class Pico {
  /// What differs from one Pico to the next.
  public struct Identity: Sendable {
    /// The flash's own number, 8 bytes.
    public var uniqueID: [UInt8]
    /// What memory holds at power-on, and the random bits, come from it.
    public var seed: UInt64

    public init(uniqueID: [UInt8] = [0xE6, 0x60, 0x58, 0x38, 0x83, 0x1B, 0x2A, 0x2C], seed: UInt64)
    {
      precondition(uniqueID.count == 8)
      self.uniqueID = uniqueID
      self.seed = seed
    }
  }

  public enum State: Equatable, Sendable {
    case off
    case running
    /// The boot ROM found no firmware, or BOOTSEL pressed: it waits for a UF2 file over USB.
    case bootloader
    /// The core cannot go on: it locked up, or its clock stopped.
    case stuck
  }

  public internal(set) var state = State.off
  public let identity: Identity
  /// What broke a rule, each rule once an instruction, in the order in which it happened.
  public internal(set) var violations: [Violation] = []
  /// Whether BOOTSEL is held down.
  public var isBootselPressed = false
  /// When the LED went on and off; the last 4,096 times.
  public internal(set) var ledChanges: [(moment: Nanoseconds, isOn: Bool)] = []
  public internal(set) var isLEDOn = false

  let flash = FlashChip()
  let rom = BootROM.makeMemory()
  let sram = Memory(size: 264 * 1024)
  var timebase = Timebase(RingOscillator.typical)
  var flashFile: FlashFile?
  /// The addresses of the chunks of flash that the core can see now.
  var mappedFlash: Set<UInt32> = []
  /// Those which are not any more what was executed from them.
  var staleFlash: Set<UInt32> = []
  var isUSBClockKnownGood = false
  var pendingReset: Reset?
  /// The boot ROM is busy until then, and no instruction is executed.
  var stalledUntil = Nanoseconds.zero
  var reported: Set<ReportedViolation> = []
  var powerCount: UInt64 = 0

  struct ReportedViolation: Hashable {
    let rule: Violation.Rule
    let address: UInt32
  }

  enum Reset {
    case watchdog
    case core
  }

  // The chip. Each part is made with what it sees of the others.
  let engine = Engine()
  private(set) lazy var core: Core = Core(engine, self)
  private(set) lazy var crystal: CrystalOscillator = CrystalOscillator(self) { [unowned self] in
    clocksChanged()
  }
  private(set) lazy var ring: RingOscillator = RingOscillator(
    self, bits: .seeded(identity.seed),
    clocksTheCore: { [unowned self] in clocks.origin(of: .system) == .ring },
    changed: { [unowned self] in clocksChanged() })
  private(set) lazy var systemPLL: PhaseLockedLoop = makePLL("PLL_SYS")
  private(set) lazy var usbPLL: PhaseLockedLoop = makePLL("PLL_USB")
  private(set) lazy var clocks: Clocks = Clocks(
    self, sourceFrequency: { [unowned self] in frequency(of: $0) },
    changed: { [unowned self] in clocksChanged() })
  private(set) lazy var resets: ResetController = ResetController(
    self, systemClock: { [unowned self] in timebase.frequency },
    isClocked: { [unowned self] in $0 != .usb || isUSBClocked },
    enter: { [unowned self] in peripheral($0)?.reset() })
  private(set) lazy var watchdog: Watchdog = Watchdog(
    self, reference: { [unowned self] in clocks.frequency(of: .reference) },
    fire: { [unowned self] _ in
      pendingReset = .watchdog
      reconsider()
    })
  private(set) lazy var timer: MicrosecondTimer = MicrosecondTimer(self) { [unowned self] in
    watchdog.ticks
  }
  private(set) lazy var systemTimer: SystemTimer = SystemTimer(
    self, frequency: { [unowned self] in timebase.frequency },
    pend: { [unowned self] in core.exceptions.pend(.sysTick) })
  private(set) lazy var system: SystemControlSpace = SystemControlSpace(core, systemTimer, self) {
    [unowned self] in
    pendingReset = .core
    reconsider()
  }
  private(set) lazy var powerOnMachine: RegisterFile = RegisterFile([
    0x0: .init(initial: 0, mask: 0x1FFFF), 0x4: .init(initial: 0, mask: 0x1FFFF),
    0x8: .init(initial: 0, mask: 0x1FFFF), 0xC: .init(initial: 0x1FFFF, mask: 0),
  ])
  private(set) lazy var ioBank0: PinBank = PinBank(
    count: 30, interruptRegisters: 52,
    input: { [unowned self] in pinLevels >> UInt32($0) & 1 == 1 },
    changed: { [unowned self] in pinsChanged() })
  private(set) lazy var ioQSPI: PinBank = PinBank(
    count: 6, interruptRegisters: 10,
    input: { [unowned self] in qspiLevels >> UInt32($0) & 1 == 1 },
    changed: { [unowned self] in
      serial.setChipSelect(ioQSPI.output(of: 1))
      reconsider()
    })
  private(set) lazy var padsBank0: RegisterFile = RegisterFile.padsBank0 { [unowned self] in
    pinsChanged()
  }
  private(set) lazy var padsQSPI: RegisterFile = RegisterFile.padsQSPI()
  private(set) lazy var singleCycle: SingleCycleIO = SingleCycleIO(
    self, inputs: { [unowned self] in $0 ? qspiLevels : pinLevels },
    changed: { [unowned self] in pinsChanged() })
  private(set) lazy var flashCommands: FlashCommands = FlashCommands(
    flash, uniqueID: identity.uniqueID, self)
  private(set) lazy var serial: SerialInterface = SerialInterface(flashCommands, self) {
    [unowned self] in reconsider()
  }
  private(set) lazy var executeInPlace: ExecuteInPlace = ExecuteInPlace(
    conditions: { [unowned self] in executeInPlaceConditions },
    changed: { [unowned self] in reconsider() })
  private(set) lazy var controller: USBController = USBController(self) { [unowned self] in
    resets.isReady(.usb)
  }
  private(set) lazy var bus: Bus = Bus(
    self, slots: makeSlots(), sram: sram, memory: controller.memory, singleCycle: singleCycle,
    system: system,
    resets: resets)

  /// The other end of the USB cable.
  public private(set) lazy var usb: USBHost = USBHost(self)

  /// Whether this machine has what interprets the instructions: libunicorn, as Debian's libunicorn2.
  public static var isAvailable: Bool { Unicorn.library != nil }

  /// A Pico with erased flash, off.
  ///
  /// - Precondition: `isAvailable`.
  public init(_ identity: Identity) {
    self.identity = identity
    engine.client = bus
    engine.map(rom, at: 0, writable: false)
    engine.map(sram, at: 0x2000_0000, writable: true)
    for (region, memory) in [rom, flash.memory, sram].enumerated() {
      engine.traceCode(of: memory, in: region)
    }
    for window in Bus.windows { engine.mapClient(at: window.base, size: window.size) }
    flash.onChange = { [unowned self] range in
      record(range)
      flashReplaced(range)
      executeInPlace.flashChanged()
    }
    flash.onPowerCut = { [unowned self] in powerOff() }
  }
}
