/// RESETS (RP2040 data sheet, 2.14): which peripherals are held in reset.
final class ResetController: Peripheral {
  /// By the bit in RESET and RESET_DONE.
  enum Unit: UInt32, CaseIterable {
    case adc, busControl, dma, i2c0, i2c1, ioBank0, ioQSPI, jtag
    case padsBank0, padsQSPI, pio0, pio1, pllSystem, pllUSB, pwm, rtc
    case spi0, spi1, systemConfiguration, systemInformation, testbench, timer, uart0, uart1
    case usb

    var bit: UInt32 { 1 << rawValue }

    /// As RESETS calls it.
    var name: String {
      let names = [
        "ADC", "BUSCTRL", "DMA", "I2C0", "I2C1", "IO_BANK0", "IO_QSPI", "JTAG",
        "PADS_BANK0", "PADS_QSPI", "PIO0", "PIO1", "PLL_SYS", "PLL_USB", "PWM", "RTC",
        "SPI0", "SPI1", "SYSCFG", "SYSINFO", "TBMAN", "TIMER", "UART0", "UART1", "USBCTRL",
      ]
      return names[Int(rawValue)]
    }
  }

  private static let allUnits: UInt32 = 0x01FF_FFFF
  /// Cycles of clk_sys from its release until a peripheral is out of reset.
  private static let releaseCycles: UInt64 = 4

  private unowned let surroundings: any Surroundings
  private let systemClock: () -> Hertz
  /// Whether the clock of a unit runs that needs more than clk_sys to come out of reset.
  private let isClocked: (Unit) -> Bool
  /// Called when a unit goes into reset.
  private let enter: (Unit) -> Void

  private var held = ResetController.allUnits
  private(set) var watchdogSelection: UInt32 = 0
  /// Zero once that has long been over.
  private var releasedAt = [Nanoseconds](repeating: .zero, count: Unit.allCases.count)

  init(
    _ surroundings: any Surroundings, systemClock: @escaping () -> Hertz,
    isClocked: @escaping (Unit) -> Bool, enter: @escaping (Unit) -> Void
  ) {
    self.surroundings = surroundings
    self.systemClock = systemClock
    self.isClocked = isClocked
    self.enter = enter
  }

  func reset() {
    held = Self.allUnits
    watchdogSelection = 0
    for unit in Unit.allCases { enter(unit) }
  }

  /// Whether the unit's registers can be used.
  func isReady(_ unit: Unit) -> Bool {
    guard held & unit.bit == 0, isClocked(unit) else { return false }
    let index = Int(unit.rawValue)
    guard releasedAt[index] != .zero else { return true }
    let delay = systemClock().length(of: Self.releaseCycles)
    guard surroundings.now >= releasedAt[index] + delay else { return false }
    releasedAt[index] = .zero
    return true
  }

  func isHeld(_ unit: Unit) -> Bool { held & unit.bit != 0 }

  /// As the boot ROM does: into reset and out again at once, with the wait for it.
  func pulse(_ unit: Unit) {
    enter(unit)
    held &= ~unit.bit
    releasedAt[Int(unit.rawValue)] = .zero
  }

  /// The watchdog resets what WDSEL selects.
  func watchdogFired() {
    setHeld(held | watchdogSelection)
  }

  func read(_ offset: UInt32) -> UInt32? {
    switch offset {
    case 0x0: held
    case 0x4: watchdogSelection
    case 0x8: Unit.allCases.filter(isReady).reduce(0) { $0 | $1.bit }
    default: nil
    }
  }

  func write(_ offset: UInt32, _ write: RegisterWrite) -> Bool {
    switch offset {
    case 0x0: setHeld(write.applied(to: held, mask: Self.allUnits))
    case 0x4: watchdogSelection = write.applied(to: watchdogSelection, mask: Self.allUnits)
    case 0x8: surroundings.report(.readOnly, "RESET_DONE is written")
    default: return false
    }
    return true
  }

  private func setHeld(_ new: UInt32) {
    let old = held
    held = new
    for unit in Unit.allCases {
      if new & ~old & unit.bit != 0 { enter(unit) }
      if old & ~new & unit.bit != 0 { releasedAt[Int(unit.rawValue)] = surroundings.now }
    }
    surroundings.reconsider()
  }
}
