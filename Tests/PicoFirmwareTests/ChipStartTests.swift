import Hardware
import Testing
import TokenCore

@testable import PicoBoard

/// What the firmware does to the chip before the token runs.
@Suite struct ChipStartTests {
  @Test("no block is touched while it is held in reset, and no rule of the data sheet is broken")
  func resetsComeFirst() {
    let firmware = Firmware()
    #expect(firmware.chip.violations == [])
    // All but IO_QSPI, PADS_QSPI and the PLLs, by the setting alias of RESET.
    #expect(firmware.chip.accesses.first == .write(0x01FF_CDBF, Register(0x4000_E000)))
  }

  @Test("the PLL is set up while it is off, and its output is used once it is locked")
  func pllSequence() {
    var chip = ChipModel()
    CrystalOscillator.start(&chip)
    chip.forgetAccesses()
    PhaseLockedLoop.start(&chip)
    let base: UInt32 = 0x4002_C000
    let expected: [ChipModel.Access] = [
      .write(0x2000, Register(0x4000_E000)),
      .write(0x2000, Register(0x4000_F000)),
      .read(Register(0x4000_C008)),
      .write(1, Register(base)),
      .write(100, Register(base + 8)),
      .write(0x21, Register(base + 0x3004)),
      .read(Register(base)),
      .write(0x55000, Register(base + 0xC)),
      .write(0x8, Register(base + 0x3004)),
    ]
    #expect(chip.accesses == expected)
  }

  @Test("PLL_USB gives 48 MHz, from an oscillator within its range")
  func pllFrequencies() {
    let oscillator =
      CrystalOscillator.megahertz / PhaseLockedLoop.referenceDivider
      * PhaseLockedLoop.feedbackDivider
    #expect((750...1_600).contains(oscillator))
    #expect(oscillator == 48 * PhaseLockedLoop.postDivider1 * PhaseLockedLoop.postDivider2)
  }

  @Test("a clock is moved to its auxiliary source only while it runs from the other one")
  func glitchlessClocks() throws {
    var chip = ChipModel()
    ResetController.release(.pllUSB, &chip)
    ClockTree.start(&chip)
    let system = chip.accesses.filter {
      switch $0 {
      case .write(_, let register):
        [ClockTree.System.control, ClockTree.System.control.clearingAlias].contains(register)
      case .read(let register): register == ClockTree.System.selected
      }
    }
    let expected: [ChipModel.Access] = [
      .write(3, ClockTree.System.control.clearingAlias),
      .read(ClockTree.System.selected),
      .write(0x20, ClockTree.System.control),
      .write(0x21, ClockTree.System.control),
      .read(ClockTree.System.selected),
    ]
    #expect(system == expected)
    let pll = try #require(chip.accesses.lastIndex(of: .read(PhaseLockedLoop.control)))
    let use = try #require(chip.accesses.firstIndex(of: .write(0x21, ClockTree.System.control)))
    #expect(pll < use)
  }

  @Test("the USB controller leaves reset only after its clock runs")
  func usbClockFirst() throws {
    let firmware = Firmware()
    let clock = try #require(
      firmware.chip.accesses.firstIndex(
        of: .write(ClockTree.USB.enable, ClockTree.USB.control.settingAlias)))
    let release = try #require(
      firmware.chip.accesses.firstIndex(
        of: .write(1 << 24, ResetController.reset.clearingAlias)))
    #expect(clock < release)
  }

  @Test("the host sees a device only when everything else is ready")
  func pullUpLast() {
    let firmware = Firmware()
    #expect(
      firmware.chip.writes.last
        == .write(1 << 16, ControllerRegisters.sieControl.settingAlias))
  }

  @Test("the timer is read right when its low half runs over meanwhile", arguments: 0..<6)
  func timerHalves(before: UInt64) {
    var chip = ChipModel()
    ResetController.release(.timer, &chip)
    chip.microseconds = 5 << 32 - before
    let start = chip.microseconds
    let reading = MicrosecondTimer.now(&chip)
    #expect((start...chip.microseconds).contains(reading.rawValue))
  }

  @Test("the watchdog's food lasts for its patience, at two a microsecond, and fits its 24 bits")
  func watchdogLoad() {
    var chip = ChipModel()
    Watchdog.feed(&chip)
    let load = chip.value(of: Watchdog.load)
    #expect(load / 2 == Watchdog.patience * 1_000_000)
    #expect(load < 1 << 24)
    #expect(PicoToken<ChipModel, FlashModel>.idleInterval < load / 2)
  }

  @Test("the watchdog is fed before each flash operation")
  func watchdogAndFlash() {
    let flash = FlashModel()
    let firmware = Firmware(flash: flash)
    let food = ChipModel.Access.write(Watchdog.patience * 2_000_000, Watchdog.load)
    var unfed = 0
    flash.onOperation = {
      if !firmware.chip.accesses.contains(food) { unfed += 1 }
      firmware.chip.forgetAccesses()
    }
    #expect(firmware.host.enumerate())
    let before = flash.operations.count
    let answer = firmware.openChannel().flatMap { firmware.exchange(0x70, resetCommand, on: $0) }
    #expect(answer == [0x90, 0])
    #expect(flash.operations.count > before)
    #expect(unfed == 0)
  }

  @Test("a chip that does not claim to be silicon is called emulated", arguments: [true, false])
  func bodies(isSilicon: Bool) {
    var chip = ChipModel()
    ResetController.release(.systemInformation, &chip)
    chip.isSilicon = isSilicon
    #expect(SystemInformation.body(&chip) == (isSilicon ? .hardware : .emulated))
  }
}

/// RESET of the applet.
let resetCommand: [UInt8] = [0, 0x04, 0xDE, 0xAD]
