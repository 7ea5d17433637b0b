/// The flash as memory (RP2040 data sheet, 2.6.3): the cache's control registers, and whether a read
/// at 0x10000000 would get what the flash holds.
final class ExecuteInPlace: Peripheral {
  /// The cached window and its three aliases that go by the cache in some way.
  static let windows: [UInt32] = [0x1000_0000, 0x1100_0000, 0x1200_0000, 0x1300_0000]

  static func contains(_ address: UInt32) -> Bool {
    (0x1000_0000..<0x1400_0000).contains(address)
  }

  /// What it takes for a read to succeed, outside this class.
  struct Conditions {
    var isHeldInReset: Bool
    var configuration: SerialInterface.Configuration
    var isQuadEnabled: Bool
    var isContinuous: Bool
    var isBusy: Bool
    var chipSelectOutput: PinBank.Override
    var chipSelectEnable: PinBank.Override
    /// FUNCSEL of the six pins.
    var functions: [UInt32]
    /// clk_sys.
    var clock: Hertz
  }

  /// Why it would not.
  struct Obstacle {
    let rule: Violation.Rule
    let sentence: String
  }

  private let conditions: () -> Conditions
  private var control: UInt32 = 3
  private var others: [UInt32: UInt32] = [:]
  /// The flash changed behind the cache.
  private var isStale = false
  private let changed: () -> Void

  init(conditions: @escaping () -> Conditions, changed: @escaping () -> Void) {
    self.conditions = conditions
    self.changed = changed
  }

  func reset() {
    control = 3
    others = [:]
    isStale = false
    changed()
  }

  func flashChanged() {
    isStale = true
    changed()
  }

  func flush() {
    isStale = false
    changed()
  }

  func enable() {
    control |= 1
  }

  func read(_ offset: UInt32) -> UInt32? {
    switch offset {
    case 0x00: control
    case 0x04: 1  // FLUSH: done
    case 0x08: 2
    case 0x0C...0x18: others[offset] ?? 0
    case 0x1C: 0
    default: nil
    }
  }

  func write(_ offset: UInt32, _ write: RegisterWrite) -> Bool {
    switch offset {
    case 0x00: control = write.applied(to: control, mask: 0xB)
    case 0x04: if write.value & 1 == 1 { flush() }
    case 0x0C, 0x10, 0x14, 0x18: others[offset] = write.applied(to: 0)
    default: return false
    }
    return true
  }

  /// Whether the flash cannot be read as memory now, and why.
  func obstacle() -> Obstacle? {
    let conditions = conditions()
    if conditions.isHeldInReset {
      return Obstacle(
        rule: .flashNotMapped, sentence: "IO_QSPI or PADS_QSPI is in reset, and flash is read")
    }
    if conditions.chipSelectOutput != .normal || conditions.chipSelectEnable != .normal {
      return Obstacle(
        rule: .flashNotMapped,
        sentence: "flash is read while its chip select is overridden in IO_QSPI")
    }
    if conditions.functions.contains(where: { $0 != 0 }) {
      return Obstacle(
        rule: .flashNotMapped, sentence: "flash is read while a QSPI pin is not the SSI's")
    }
    if conditions.isBusy {
      return Obstacle(rule: .flashNotMapped, sentence: "flash is read while it programs or erases")
    }
    if let obstacle = modeObstacle(conditions) { return obstacle }
    if isStale {
      return Obstacle(
        rule: .staleCache,
        sentence: "flash is read after it changed and before the cache was flushed"
      )
    }
    return nil
  }

  private func modeObstacle(_ conditions: Conditions) -> Obstacle? {
    let configuration = conditions.configuration
    guard configuration.isEnabled, configuration.slaves == 1, configuration.readsAfterCommand else {
      return Obstacle(
        rule: .flashNotMapped, sentence: "flash is read while the SSI is in command mode")
    }
    guard let mode = FlashReadMode(configuration) else {
      return Obstacle(
        rule: .flashReadMode,
        sentence: "flash is read with CTRLR0 \(hexadecimal(configuration.control)) and SPI_CTRLR0 "
          + "\(hexadecimal(configuration.serialControl)), which is no read command of the flash")
    }
    if mode.isContinuous != conditions.isContinuous {
      return Obstacle(
        rule: .flashReadMode,
        sentence: mode.isContinuous
          ? "flash is read without a command, and it is not in its continuous mode"
          : "flash is read with a command, and it is in its continuous mode")
    }
    if mode.needsQuadEnable, !conditions.isQuadEnabled {
      return Obstacle(
        rule: .flashReadMode, sentence: "flash is read with four data lines while QE is 0 in it")
    }
    let divider = UInt64(configuration.divider & 0xFFFE)
    guard divider > 0, conditions.clock.rawValue <= mode.limit.rawValue * divider else {
      return Obstacle(
        rule: .flashTooFast,
        sentence:
          "flash is read at clk_sys's \(conditions.clock) / \(divider); it takes \(mode.limit)"
      )
    }
    return nil
  }
}
