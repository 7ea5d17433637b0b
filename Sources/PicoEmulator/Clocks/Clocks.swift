/// CLOCKS (RP2040 data sheet, 2.15): which source each clock runs on, divided by what.
///
/// clk_ref and clk_sys have a multiplexer that does not glitch, and behind one of its inputs an
/// auxiliary one that does: that must not be switched while it is in use. All other clocks have the
/// second kind alone, and are to be stopped before it is switched.
final class Clocks: Peripheral {
  enum Clock: Int, CaseIterable {
    case out0, out1, out2, out3
    case reference, system, peripherals, usb, adc, rtc

    var name: String {
      switch self {
      case .out0, .out1, .out2, .out3: "clk_gpout\(rawValue)"
      case .reference: "clk_ref"
      case .system: "clk_sys"
      case .peripherals: "clk_peri"
      case .usb: "clk_usb"
      case .adc: "clk_adc"
      case .rtc: "clk_rtc"
      }
    }

    /// The sources of the auxiliary multiplexer, by AUXSRC.
    fileprivate var auxiliarySources: [Source] {
      switch self {
      case .out0, .out1, .out2, .out3:
        [
          .systemPLL, .pin, .pin, .usbPLL, .ring, .crystal, .clock(.system), .clock(.usb),
          .clock(.adc), .clock(.rtc), .clock(.reference),
        ]
      case .reference: [.usbPLL, .pin, .pin]
      case .system: [.systemPLL, .usbPLL, .ring, .crystal, .pin, .pin]
      case .peripherals: [.clock(.system), .systemPLL, .usbPLL, .ring, .crystal, .pin, .pin]
      case .usb, .adc, .rtc: [.usbPLL, .systemPLL, .ring, .crystal, .pin, .pin]
      }
    }

    /// The sources of the one that does not glitch, by SRC; `nil` is the auxiliary one.
    fileprivate var sources: [Source?]? {
      switch self {
      case .reference: [.ring, nil, .crystal]
      case .system: [.clock(.reference), nil]
      default: nil
      }
    }

    fileprivate var auxiliaryMask: UInt32 {
      switch self {
      case .out0, .out1, .out2, .out3: 0x1E0
      case .reference: 0x60
      default: 0xE0
      }
    }
  }

  /// Where a clock comes from.
  indirect enum Source: Equatable {
    case ring, crystal, systemPLL, usbPLL
    case clock(Clock)
    /// An input of the chip's, where a Pico has nothing.
    case pin

    var name: String {
      switch self {
      case .ring: "ROSC"
      case .crystal: "XOSC"
      case .systemPLL: "PLL_SYS"
      case .usbPLL: "PLL_USB"
      case .clock(let clock): clock.name
      case .pin: "a GPIN"
      }
    }
  }

  static let fastestSystemClock = Hertz(133_000_000)
  private static let enable: UInt32 = 1 << 11

  private struct Registers {
    var control: UInt32 = 0
    var divider: UInt32 = 0x100
    /// Until then the multiplexer that was switched last may still be on its old input.
    var switchedAt = Nanoseconds.zero
  }

  private unowned let surroundings: any Surroundings
  /// `nil` for a source that does not run. Never asked for `.clock`.
  private let sourceFrequency: (Source) -> Hertz?
  private let changed: () -> Void
  private var registers = [Registers](repeating: Registers(), count: Clock.allCases.count)
  private var others: [UInt32: UInt32] = [:]

  /// Resuscitation, the frequency counter, and the gates; offsets and values after reset.
  private static let otherRegisters: [UInt32: UInt32] = [
    0x78: 0xFF, 0x7C: 0, 0x80: 0, 0x84: 0, 0x88: 0x1FF_FFFF, 0x8C: 1, 0x90: 8, 0x94: 0, 0x98: 0,
    0x9C: 0, 0xA0: .max, 0xA4: 0x7FFF, 0xA8: .max, 0xAC: 0x7FFF, 0xB0: .max, 0xB4: 0x7FFF,
    0xB8: 0, 0xBC: 0, 0xC0: 0, 0xC4: 0,
  ]

  init(
    _ surroundings: any Surroundings, sourceFrequency: @escaping (Source) -> Hertz?,
    changed: @escaping () -> Void
  ) {
    self.surroundings = surroundings
    self.sourceFrequency = sourceFrequency
    self.changed = changed
  }

  func reset() {
    registers = registers.map { _ in Registers() }
    others = [:]
    changed()
  }

  /// `nil` for a clock that stands still.
  func frequency(of clock: Clock) -> Hertz? {
    let registers = registers[clock.rawValue]
    if clock.sources == nil, registers.control & Self.enable == 0 { return nil }
    guard let source = source(of: clock), let frequency = frequency(of: source) else { return nil }
    let divider = registers.divider & 0xFFFF_FF00 == 0 ? 1 << 24 : registers.divider
    return Hertz(frequency.rawValue * 256 / UInt64(divider))
  }

  private func frequency(of source: Source) -> Hertz? {
    switch source {
    case .clock(let clock): frequency(of: clock)
    case .pin: nil
    default: sourceFrequency(source)
    }
  }

  /// `nil` for a number that its multiplexer does not have.
  func source(of clock: Clock) -> Source? {
    let control = registers[clock.rawValue].control
    if let sources = clock.sources {
      let index = Int(control & 3)
      guard index < sources.count else { return nil }
      if let source = sources[index] { return source }
    }
    let index = Int((control & clock.auxiliaryMask) >> 5)
    return index < clock.auxiliarySources.count ? clock.auxiliarySources[index] : nil
  }

  /// What drives `clock` in the end: ROSC, XOSC or a PLL.
  func origin(of clock: Clock) -> Source? {
    guard let source = source(of: clock) else { return nil }
    if case .clock(let other) = source { return origin(of: other) }
    return source
  }

  func read(_ offset: UInt32) -> UInt32? {
    guard let (clock, register) = locate(offset) else {
      return Self.otherRegisters[offset].map { others[offset] ?? $0 }
    }
    let registers = registers[clock.rawValue]
    switch register {
    case 0: return registers.control
    case 4: return clock == .peripherals ? nil : registers.divider
    default:
      guard clock.sources != nil else { return 1 }
      // It says nothing while it switches.
      return surroundings.now < registers.switchedAt ? 0 : 1 << (registers.control & 3)
    }
  }

  func write(_ offset: UInt32, _ write: RegisterWrite) -> Bool {
    guard let (clock, register) = locate(offset) else {
      guard let initial = Self.otherRegisters[offset] else { return false }
      others[offset] = write.applied(to: others[offset] ?? initial)
      return true
    }
    switch register {
    case 0: setControl(of: clock, write)
    case 4 where clock != .peripherals:
      registers[clock.rawValue].divider = write.applied(to: registers[clock.rawValue].divider)
    case 8: surroundings.report(.readOnly, "\(clock.name)'s SELECTED is written")
    default: return false
    }
    check(clock)
    changed()
    return true
  }

  // MARK: Steps

  private func locate(_ offset: UInt32) -> (Clock, register: UInt32)? {
    Clock(rawValue: Int(offset / 12)).map { ($0, offset % 12) }
  }

  private func setControl(of clock: Clock, _ write: RegisterWrite) {
    let old = registers[clock.rawValue]
    let mask = clock.auxiliaryMask | (clock.sources == nil ? 0x1E00 : 3)
    let new = write.applied(to: old.control, mask: mask)
    let now = surroundings.now
    registers[clock.rawValue].control = new
    // A multiplexer takes a few cycles of its output to switch or to stop; clk_sys stands for it.
    let delay = (frequency(of: .system) ?? RingOscillator.typical).length(of: 4)
    if clock.sources != nil {
      if (old.control ^ new) & clock.auxiliaryMask != 0,
        old.control & 3 == 1 && new & 3 == 1 || now < old.switchedAt
      {
        surroundings.report(
          .clockSwitchedInUse,
          "\(clock.name)'s AUXSRC is changed while it runs from it; have SRC select another "
            + "source, and wait for SELECTED")
      }
      if (old.control ^ new) & 3 != 0 { registers[clock.rawValue].switchedAt = now + delay }
    } else {
      let isSwitched = (old.control ^ new) & clock.auxiliaryMask != 0
      if isSwitched, old.control & Self.enable != 0 || now < old.switchedAt {
        surroundings.report(
          .clockSwitchedInUse,
          "\(clock.name)'s AUXSRC is changed while it runs; clear ENABLE, and wait for it to stop")
      }
      if old.control & ~new & Self.enable != 0 {
        registers[clock.rawValue].switchedAt = now + delay
      }
    }
  }

  /// Whether what a clock was set to is legal.
  private func check(_ clock: Clock) {
    let isEnabled =
      clock.sources != nil || registers[clock.rawValue].control & Self.enable != 0
    guard isEnabled else { return }
    guard let source = source(of: clock), let frequency = frequency(of: clock) else {
      surroundings.report(
        .clockSourceStopped,
        "\(clock.name) is given \(source(of: clock)?.name ?? "an unknown source"), which does not run"
      )
      return
    }
    switch clock {
    case .system, .peripherals:
      if frequency > Self.fastestSystemClock {
        surroundings.report(
          .clockTooFast,
          "\(clock.name) is set to \(frequency) from \(source.name); it takes 133 MHz")
      }
    case .usb:
      // USB 2.0, 7.1.11: 2500 ppm.
      if !(47_880_000...48_120_000).contains(frequency.rawValue) {
        surroundings.report(
          .usbClock, "clk_usb is set to \(frequency) from \(source.name); it has to be 48 MHz")
      }
    default: break
    }
  }
}
