/// XOSC (RP2040 data sheet, 2.16), with the Pico's crystal of 12 MHz.
final class CrystalOscillator: Peripheral {
  static let crystal = Hertz(12_000_000)

  /// What the crystal of a Pico needs to start: the data sheet's millisecond.
  private static let startup = Nanoseconds.milliseconds(1)

  private unowned let surroundings: any Surroundings
  private let changed: () -> Void
  private var enable = Enable.unset
  private var range = CrystalOscillator.range1To15MHz
  private var hasBadWrite = false
  private var stableAt = Nanoseconds.never
  private var startupDelay = CrystalOscillator.initialDelay

  private enum Enable: UInt32 {
    case disabled = 0xD1E
    case enabled = 0xFAB
    /// What the register holds after reset.
    case unset = 0
  }

  private static let range1To15MHz: UInt32 = 0xAA0
  private static let initialDelay: UInt32 = 0xC4

  init(_ surroundings: any Surroundings, changed: @escaping () -> Void) {
    self.surroundings = surroundings
    self.changed = changed
  }

  func reset() {
    enable = .unset
    range = Self.range1To15MHz
    hasBadWrite = false
    stableAt = .never
    startupDelay = Self.initialDelay
    changed()
  }

  /// Whether it runs and has been doing so for the start-up time.
  var isStable: Bool { enable == .enabled && surroundings.now >= stableAt }

  /// `nil` before it is stable.
  var frequency: Hertz? { isStable ? Self.crystal : nil }

  func read(_ offset: UInt32) -> UInt32? {
    switch offset {
    case 0x00: enable.rawValue << 12 | range
    case 0x04:
      (isStable ? 1 << 31 : 0) | (hasBadWrite ? 1 << 24 : 0) | (enable == .enabled ? 1 << 12 : 0)
    case 0x08: 0x7761_6B65  // DORMANT: 'wake'
    case 0x0C: startupDelay
    case 0x1C: 0
    default: nil
    }
  }

  func write(_ offset: UInt32, _ write: RegisterWrite) -> Bool {
    switch offset {
    case 0x00: setControl(write.applied(to: enable.rawValue << 12 | range))
    case 0x04: hasBadWrite = write.cleared(hasBadWrite ? 1 << 24 : 0) != 0
    case 0x08: surroundings.report(.notModelled, "XOSC is put to sleep (DORMANT)")
    case 0x0C: startupDelay = write.applied(to: startupDelay, mask: 0x0010_3FFF)
    case 0x1C: break
    default: return false
    }
    return true
  }

  private func setControl(_ value: UInt32) {
    if value & 0xFFF == Self.range1To15MHz {
      range = value & 0xFFF
    } else {
      hasBadWrite = true
      surroundings.report(
        .badValue,
        "XOSC_CTRL.FREQ_RANGE is \(hexadecimal(value & 0xFFF)); for 12 MHz it has to be 0xaa0")
    }
    switch Enable(rawValue: value >> 12 & 0xFFF) {
    case .enabled where enable != .enabled:
      enable = .enabled
      let cycles = UInt64(startupDelay & 0x3FFF) * 256 * (startupDelay >> 20 & 1 == 1 ? 4 : 1)
      let length = Self.crystal.length(of: cycles)
      // 47 of 256 cycles are what the data sheet computes for a millisecond, rounded up.
      if Self.crystal.length(of: cycles + 255) < Self.startup {
        surroundings.report(
          .crystalStartup,
          "XOSC_STARTUP allows \(length.rawValue / 1_000) µs; the crystal needs a millisecond")
      }
      stableAt = surroundings.now + max(length, Self.startup)
      changed()
    case .disabled where enable == .enabled:
      enable = .disabled
      stableAt = .never
      changed()
    case .some(let state): if state != .enabled { enable = state }
    case nil:
      hasBadWrite = true
      surroundings.report(.badValue, "XOSC_CTRL.ENABLE takes 0xfab and 0xd1e alone")
    }
  }
}
