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
  public private(set) var violations: [Violation] = []
  /// Whether BOOTSEL is held down.
  public var isBootselPressed = false
  /// When the LED went on and off; the last 4,096 times.
  public private(set) var ledChanges: [(moment: Nanoseconds, isOn: Bool)] = []
  public private(set) var isLEDOn = false

  let flash = FlashChip()
  let rom = BootROM.makeMemory()
  let sram = Memory(size: 264 * 1024)
  private var timebase = Timebase(RingOscillator.typical)
  private var isFlashMapped = false
  /// The flash is not what the engine has translated.
  private var isFlashChanged = false
  private var pendingReset: Reset?
  /// The boot ROM is busy until then, and no instruction is executed.
  private var stalledUntil = Nanoseconds.zero
  private var reported: Set<ReportedViolation> = []
  private var powerCount: UInt64 = 0

  private struct ReportedViolation: Hashable {
    let rule: Violation.Rule
    let address: UInt32
  }

  private enum Reset {
    case watchdog
    case core
  }

  // The chip. Each part is made with what it sees of the others.
  private let engine = Engine()
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
  private lazy var bus: Bus = Bus(
    self, slots: makeSlots(), memory: controller.memory, singleCycle: singleCycle, system: system,
    resets: resets)

  /// The other end of the USB cable.
  public private(set) lazy var usb: USBHost = USBHost(self)

  /// A Pico with erased flash, off.
  public init(_ identity: Identity) {
    self.identity = identity
    engine.client = bus
    engine.map(rom, at: 0, writable: false)
    engine.map(sram, at: 0x2000_0000, writable: true)
    for window in Bus.windows { engine.mapClient(at: window.base, size: window.size) }
    flash.onChange = { [unowned self] _ in
      isFlashChanged = true
      executeInPlace.flashChanged()
    }
    flash.onPowerCut = { [unowned self] in powerOff() }
  }

  // MARK: Power

  /// The connector gets its 5 V. What was in memory is gone.
  public func powerOn() {
    guard state == .off else { return }
    powerCount += 1
    var generator = SplitMix(seed: identity.seed ^ powerCount)
    for offset in stride(from: 0, to: sram.size, by: 4) {
      sram.setWord(UInt32(truncatingIfNeeded: generator.next()), at: offset)
    }
    controller.memory.powerOn(seed: generator.next())
    state = .running
    pendingReset = nil
    flashCommands.powerOn()
    watchdog.reset()
    reset(from: .ring)
  }

  /// The connector loses its 5 V, in the middle of whatever it is.
  public func powerOff() {
    guard state != .off else { return }
    state = .off
    controller.setBusActive(false)
    setLED(false)
    reconsider()
  }

  /// The parts that PSM resets, in its order.
  private enum Stage: Int {
    case ring = 0
    case crystal = 1
    case clocks = 2
    case resets = 3
    case executeInPlace = 12
    case singleCycle = 14
    case core = 15
  }

  /// PSM starts at `stage`, and all after it is reset with it.
  private func reset(from stage: Stage) {
    if stage.rawValue <= Stage.ring.rawValue { ring.reset() }
    if stage.rawValue <= Stage.crystal.rawValue { crystal.reset() }
    if stage.rawValue <= Stage.clocks.rawValue { clocks.reset() }
    if stage.rawValue <= Stage.resets.rawValue {
      resets.reset()
      powerOnMachine.reset()
    }
    if stage.rawValue <= Stage.executeInPlace.rawValue {
      serial.reset()
      executeInPlace.reset()
    }
    if stage.rawValue <= Stage.singleCycle.rawValue { singleCycle.reset() }
    system.reset()
    unmapFlash()
    stalledUntil = .zero
    forgetCodeInMemory()
    core.start(at: 0, stack: rom.word(at: 0), entry: rom.word(at: 4))
    clocksChanged()
  }

  private func performReset(_ kind: Reset) {
    switch kind {
    case .core: reset(from: .core)
    case .watchdog:
      watchdog.disable()
      resets.watchdogFired()
      let selected = powerOnMachine[0x8] & 0xFFFF
      if selected == 0, resets.watchdogSelection == 0 {
        report(
          .watchdogWithoutEffect, "the watchdog fired, and WDSEL of PSM and RESETS selects nothing")
      }
      guard selected != 0 else { return }
      let first = selected.trailingZeroBitCount
      let stages: [Stage] = [
        .ring, .crystal, .clocks, .resets, .executeInPlace, .singleCycle, .core,
      ]
      reset(from: stages.first { $0.rawValue >= first } ?? .core)
    }
  }

  // MARK: Running

  /// Instructions that it has executed.
  public var instructions: UInt64 { engine.executed }

  /// Goes on until `moment` at least, or until it is off.
  public func run(until moment: Nanoseconds) {
    while now < moment, state != .off { step(until: moment) }
  }

  public func run(for length: Nanoseconds) {
    run(until: now + length)
  }

  /// Goes on until `condition` holds, looking every microseconds' few; at most for `length`.
  ///
  /// - Returns: whether it holds.
  @discardableResult
  public func run(for length: Nanoseconds, until condition: () -> Bool) -> Bool {
    let end = now + length
    while !condition() {
      guard now < end, state != .off else { return false }
      step(until: min(end, now + .microseconds(10)))
    }
    return true
  }

  /// Goes on until the instruction at `address` would be next, or for at most `length`; nothing else
  /// ends between two instructions as exactly.
  ///
  /// - Returns: whether it got there.
  @discardableResult
  public func run(toInstructionAt address: UInt32, within length: Nanoseconds) -> Bool {
    let end = now + length
    engine.breakpoint = address
    defer { engine.breakpoint = nil }
    while now < end, state == .running {
      if core.sleep == .awake, stalledUntil <= now, core.nextInstruction == address { return true }
      step(until: end)
    }
    return false
  }

  /// One run of the engine, or one sleep.
  private func step(until moment: Nanoseconds) {
    let present = now
    for part in timedParts { part.advance(to: present) }
    if let reset = pendingReset {
      pendingReset = nil
      performReset(reset)
    }
    let end = min(moment, timedParts.map(\.nextEvent).min() ?? .never)
    guard state == .running else {
      skip(to: end)
      return
    }
    if isFlashMapped, executeInPlace.obstacle() != nil { unmapFlash() }
    guard present >= stalledUntil else {
      skip(to: min(end, stalledUntil))
      return
    }
    core.exceptions.setLines(timer.interrupts | (controller.isInterrupting ? Interrupt.usb.bit : 0))
    core.wakeIfNeeded()
    guard core.sleep == .awake else {
      skip(to: end)
      return
    }
    core.takeException()
    guard !core.isLockedUp else {
      state = .stuck
      return
    }
    handle(engine.run(timebase.instructions(until: end, engine.executed)))
    if core.isLockedUp, state == .running { state = .stuck }
  }

  private var timedParts: [any Timed] { [timer, watchdog, systemTimer, controller] }

  private func skip(to moment: Nanoseconds) {
    timebase.skip(to: moment, engine.executed)
  }

  /// The boot ROM is busy for that long.
  func stall(for length: Nanoseconds) {
    stalledUntil = now + length
  }

  private func handle(_ stop: Engine.Stop) {
    switch stop {
    case .limit: break
    case .waitForInterrupt: core.fallAsleep(.forInterrupt)
    case .waitForEvent: core.fallAsleep(.forEvent)
    case .supervisorCall: core.takeSupervisorCall()
    case .exceptionReturn(let value): core.returnFromException(value)
    case .undefined:
      let address = engine[.programCounter] & ~1
      if let function = BootROM.function(at: address) {
        call(function)
      } else {
        fault("an undefined instruction, which is how a trap ends")
      }
    case .breakpoint: fault("BKPT without a debugger")
    case .unaligned: fault("an access that is not aligned to its size")
    case .memory(let access, let address): handle(access, address)
    }
  }

  private func handle(_ access: Engine.Access, _ address: UInt32) {
    guard ExecuteInPlace.contains(address), access != .store else {
      let what =
        switch access {
        case .fetch: "a branch to"
        case .load: "a load from"
        case .store: "a store to"
        }
      fault("\(what) \(hexadecimal(address)), where there is nothing for that")
      return
    }
    if let obstacle = executeInPlace.obstacle() {
      report(obstacle.rule, obstacle.sentence)
      core.takeFault()
    } else {
      mapFlash()
    }
  }

  private func fault(_ what: String) {
    report(.hardFault, what)
    core.takeFault()
  }

  /// SRAM was written other than by the core.
  func forgetCodeInMemory() {
    engine.forgetCode(at: 0x2000_0000, size: sram.size)
  }

  /// The flash holds something else than what was executed from it.
  func flashReplaced() {
    isFlashChanged = true
    unmapFlash()
  }

  private func mapFlash() {
    guard !isFlashMapped else {
      // It is beyond the end of the flash's two megabytes.
      fault("an access beyond the end of the flash")
      return
    }
    isFlashMapped = true
    for window in ExecuteInPlace.windows {
      engine.map(flash.memory, at: window, writable: false)
      if isFlashChanged { engine.forgetCode(at: window, size: flash.memory.size) }
    }
    isFlashChanged = false
  }

  private func unmapFlash() {
    guard isFlashMapped else { return }
    isFlashMapped = false
    for window in ExecuteInPlace.windows { engine.unmap(flash.memory, at: window) }
  }

  // MARK: Clocks and pins

  private func makePLL(_ name: String) -> PhaseLockedLoop {
    PhaseLockedLoop(
      name, self, reference: { [unowned self] in crystal.frequency },
      changed: { [unowned self] in clocksChanged() })
  }

  private func frequency(of source: Clocks.Source) -> Hertz? {
    switch source {
    case .ring: ring.frequency
    case .crystal: crystal.frequency
    case .systemPLL: systemPLL.frequency
    case .usbPLL: usbPLL.frequency
    case .clock, .pin: nil
    }
  }

  private var isUSBClocked: Bool {
    clocks.frequency(of: .usb).map { (47_880_000...48_120_000).contains($0.rawValue) } ?? false
  }

  private func clocksChanged() {
    guard state != .off else { return }
    watchdog.referenceChanged()
    timer.ticksChanged()
    if let frequency = clocks.frequency(of: .system) {
      if frequency != timebase.frequency { timebase.change(to: frequency, engine.executed) }
    } else if state == .running {
      report(.clockSourceStopped, "clk_sys lost its source, and the core stands still")
      state = .stuck
    }
    reconsider()
  }

  /// What is at the pads of bank 0: outputs as they are driven, GPIO24 the 5 V of the connector.
  private var pinLevels: UInt32 {
    let (level, enable) = singleCycle.outputs[0]
    return level & enable | (state == .off ? 0 : 1 << 24) & ~enable
  }

  /// The chip select is high unless it is driven low, or let go and BOOTSEL pulls it down.
  private var qspiLevels: UInt32 {
    let isReleased = ioQSPI.outputEnable(of: 1) == .low
    let isLow = isReleased ? isBootselPressed : ioQSPI.output(of: 1) == .low
    return 0x3C | (isLow ? 0 : 2)
  }

  private func pinsChanged() {
    let led = 25
    let (level, enable) = singleCycle.outputs[0]
    let isDriven =
      !resets.isHeld(.ioBank0) && !resets.isHeld(.padsBank0) && ioBank0.function(of: led) == 5
      && padsBank0[UInt32(4 + led * 4)] & 0x80 == 0
    setLED(isDriven && level & enable >> UInt32(led) & 1 == 1)
  }

  private func setLED(_ isOn: Bool) {
    guard isOn != isLEDOn else { return }
    isLEDOn = isOn
    if ledChanges.count == 4_096 { ledChanges.removeFirst() }
    ledChanges.append((now, isOn))
  }

  private var executeInPlaceConditions: ExecuteInPlace.Conditions {
    ExecuteInPlace.Conditions(
      isHeldInReset: !resets.isReady(.ioQSPI) || !resets.isReady(.padsQSPI),
      configuration: serial.configuration, isQuadEnabled: flashCommands.isQuadEnabled,
      isContinuous: flashCommands.isContinuous, isBusy: flashCommands.isBusy,
      chipSelectOutput: ioQSPI.output(of: 1), chipSelectEnable: ioQSPI.outputEnable(of: 1),
      functions: (0..<6).map { ioQSPI.function(of: $0) }, clock: timebase.frequency)
  }
}

// MARK: What the parts see

extension Pico: Surroundings, CoreMemory {
  /// Emulated time since this Pico was made, on and off.
  public var now: Nanoseconds { timebase.now(engine.executed) }

  func reconsider() {
    engine.stop()
  }

  func report(_ rule: Violation.Rule, _ sentence: String) {
    // Within the boot ROM it is the caller who did it.
    let isROM = engine.address < BootROM.size
    let address = isROM ? engine[.linkRegister] & ~1 : engine.address
    guard reported.insert(ReportedViolation(rule: rule, address: address)).inserted else { return }
    violations.append(Violation(rule: rule, address: address, moment: now, sentence: sentence))
  }

  /// Forgets them, so that what follows is seen by itself.
  public func clearViolations() {
    violations = []
    reported = []
  }

  func loadVector(at address: UInt32) -> UInt32? {
    if ExecuteInPlace.contains(address) {
      if let obstacle = executeInPlace.obstacle() {
        report(obstacle.rule, obstacle.sentence)
        return nil
      }
      let offset = Int(address & 0xFF_FFFF)
      return offset + 4 <= flash.memory.size ? flash.memory.word(at: offset) : nil
    }
    if address < BootROM.size - 3 { return rom.word(at: Int(address)) }
    return loadStack(at: address)
  }

  func loadStack(at address: UInt32) -> UInt32? {
    sramOffset(address, 4).map { sram.word(at: $0) }
  }

  func storeStack(_ value: UInt32, at address: UInt32) -> Bool {
    guard let offset = sramOffset(address, 4) else { return false }
    sram.setWord(value, at: offset)
    return true
  }

  /// Where a range of addresses is in SRAM; `nil` unless all of it is.
  func sramOffset(_ address: UInt32, _ count: Int) -> Int? {
    guard address >= 0x2000_0000 else { return nil }
    let offset = Int(address - 0x2000_0000)
    return offset + count <= sram.size ? offset : nil
  }
}
