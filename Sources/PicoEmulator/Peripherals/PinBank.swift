/// IO_BANK0 or IO_QSPI (RP2040 data sheet, 2.19.6): what drives each pin, and overrides of that.
final class PinBank: Peripheral {
  /// Values of the override fields.
  enum Override: UInt32 {
    case normal = 0
    case inverted = 1
    /// The output is low; for output enable: disabled.
    case low = 2
    /// The output is high; for output enable: enabled.
    case high = 3
  }

  private let count: Int
  private let initialFunction: UInt32
  private var controls: [UInt32]
  /// INTR, INTE, INTF and their like: kept, without effect in this model.
  private var others: [UInt32: UInt32] = [:]
  private let lastOffset: UInt32
  /// The level at the pad.
  private let input: (Int) -> Bool
  private let changed: () -> Void

  /// - Parameters:
  ///   - count: of pins.
  ///   - interruptRegisters: how many words of them follow the pins'.
  ///   - input: the level at a pad.
  init(
    count: Int, interruptRegisters: Int, initialFunction: UInt32 = 0x1F,
    input: @escaping (Int) -> Bool, changed: @escaping () -> Void
  ) {
    self.count = count
    self.initialFunction = initialFunction
    self.input = input
    self.changed = changed
    controls = [UInt32](repeating: initialFunction, count: count)
    lastOffset = UInt32(count * 8 + interruptRegisters * 4 - 4)
  }

  func reset() {
    controls = [UInt32](repeating: initialFunction, count: count)
    others = [:]
    changed()
  }

  /// FUNCSEL.
  func function(of pin: Int) -> UInt32 { controls[pin] & 0x1F }

  func output(of pin: Int) -> Override { Override(rawValue: controls[pin] >> 8 & 3)! }

  func outputEnable(of pin: Int) -> Override { Override(rawValue: controls[pin] >> 12 & 3)! }

  /// As the boot ROM sets them.
  func setControl(of pin: Int, to value: UInt32) {
    controls[pin] = value
    changed()
  }

  func read(_ offset: UInt32) -> UInt32? {
    guard offset <= lastOffset else { return nil }
    let pin = Int(offset / 8)
    guard pin < count else { return others[offset] ?? 0 }
    guard offset % 8 == 0 else { return controls[pin] }
    let level = input(pin)
    return level ? 1 << 17 | 1 << 19 : 0
  }

  func write(_ offset: UInt32, _ write: RegisterWrite) -> Bool {
    guard offset <= lastOffset else { return false }
    let pin = Int(offset / 8)
    if pin >= count {
      others[offset] = write.applied(to: others[offset] ?? 0)
    } else if offset % 8 == 4 {
      controls[pin] = write.applied(to: controls[pin], mask: 0x3003_331F)
      changed()
    }
    return true
  }
}
