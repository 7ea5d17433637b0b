/// A rule of the data sheet, of ARMv6-M or of the flash chip that the firmware broke.
///
/// The model goes on in some way that real hardware might; a test requires that there is none.
public struct Violation: Equatable, Sendable {
  public let rule: Rule
  /// The address of the instruction under way.
  public let address: UInt32
  public let moment: Nanoseconds
  /// What was done and what should have been, without the address.
  public let sentence: String

  public enum Rule: String, Sendable, CaseIterable {
    // The bus.
    /// A register of a peripheral that RESETS still holds, or that has not come out of it.
    case peripheralInReset
    /// An address where the chip has nothing.
    case noSuchRegister
    /// Something that the chip has and this model does not.
    case notModelled
    /// An atomic alias where there is none.
    case noAtomicAlias
    /// Writing what can only be read.
    case readOnly
    /// A value that a field does not take.
    case badValue

    // Clocks.
    /// The crystal's start-up time is too short for it.
    case crystalStartup
    /// A PLL's reference or its VCO is out of range, or its dividers are.
    case pllRange
    /// A PLL's dividers were changed while it ran.
    case pllChangedRunning
    /// A clock was given a source that does not run, or lost it.
    case clockSourceStopped
    /// An auxiliary multiplexer, which can glitch, was switched while its output was in use.
    case clockSwitchedInUse
    /// A clock faster than its logic.
    case clockTooFast
    /// clk_usb is not 48 MHz.
    case usbClock
    /// The timer does not count microseconds.
    case timerTick
    /// The watchdog fired, and PSM_WDSEL and RESETS_WDSEL select nothing for it to reset.
    case watchdogWithoutEffect
    /// Random bits were taken from the oscillator that clocks the one who takes them.
    case randomBitCorrelated

    // Flash.
    /// Execution or data from flash while it was not mapped: in command mode, erasing, or with its
    /// chip select taken away.
    case flashNotMapped
    /// The SSI is set up for reads that the flash does not understand.
    case flashReadMode
    /// The SSI was changed while it was enabled.
    case ssiEnabled
    /// More hertz than the flash takes for that command.
    case flashTooFast
    /// The cache was not flushed after the flash had changed.
    case staleCache
    /// A program or erase while an interrupt could have run code from flash.
    case flashInterruptible
    /// A program or erase that was not aligned, or out of the chip.
    case flashAlignment
    /// A boot ROM function or a flash command out of order.
    case flashSequence

    // USB.
    /// AVAILABLE was set in the same write as other fields of a buffer control word.
    case availableTogether
    /// A buffer control word was changed while the controller owned it.
    case bufferInUse
    /// A buffer outside the DPSRAM or not on a multiple of 64 bytes, or a length over 64.
    case bufferBounds
    /// A packet with the wrong data PID.
    case dataToggle

    // The core.
    /// A HardFault: a trap, an undefined instruction, an unaligned access, nothing at the address.
    case hardFault
    /// A fault within the HardFault handler: the core stopped.
    case lockup
  }
}

extension Violation: CustomStringConvertible {
  public var description: String {
    "\(rule.rawValue) at \(hexadecimal(address)), \(moment.rawValue / 1_000) µs: \(sentence)"
  }
}

/// As data sheets write it: `0x20041f00`.
func hexadecimal(_ number: UInt32) -> String {
  let digits = String(number, radix: 16)
  return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
}
