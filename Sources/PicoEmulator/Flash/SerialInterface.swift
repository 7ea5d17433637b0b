/// SSI (RP2040 data sheet, 4.10): the controller between the core and the flash, by single words
/// through its FIFOs, or as memory (XIP).
final class SerialInterface: Peripheral {
  private let flash: FlashCommands
  private unowned let surroundings: any Surroundings
  private let changed: () -> Void

  struct Configuration: Equatable {
    var control: UInt32 = 0
    var frameCount: UInt32 = 0
    var isEnabled = false
    var slaves: UInt32 = 0
    var divider: UInt32 = 0
    var serialControl: UInt32 = 0x0300_0000
    var sampleDelay: UInt32 = 0
    var driveEdge: UInt32 = 0

    /// CTRLR0.SPI_FRF: data lines.
    enum Frames: UInt32 {
      case single = 0
      case dual = 1
      case quad = 2
    }

    var frames: Frames? { Frames(rawValue: control >> 21 & 3) }
    /// CTRLR0.DFS_32, in bits.
    var frameSize: UInt32 { (control >> 16 & 0x1F) + 1 }
    /// CTRLR0.TMOD: transmit and receive, or 'EEPROM read'.
    var transmitsAndReceives: Bool { control >> 8 & 3 == 0 }
    var readsAfterCommand: Bool { control >> 8 & 3 == 3 }
  }

  private(set) var configuration = Configuration()
  /// How the chip select is, whatever the SSI does: IO_QSPI's override.
  private var chipSelect = PinBank.Override.normal
  private var transmitQueue: [UInt32] = []
  private var receiveQueue: [UInt32] = []
  private var others: [UInt32: UInt32] = [:]

  private static let fifoDepth = 16

  init(_ flash: FlashCommands, _ surroundings: any Surroundings, changed: @escaping () -> Void) {
    self.flash = flash
    self.surroundings = surroundings
    self.changed = changed
  }

  func reset() {
    configuration = Configuration()
    transmitQueue = []
    receiveQueue = []
    others = [:]
    changed()
  }

  func read(_ offset: UInt32) -> UInt32? {
    drain()
    switch offset {
    case 0x00: return configuration.control
    case 0x04: return configuration.frameCount
    case 0x08: return configuration.isEnabled ? 1 : 0
    case 0x10: return configuration.slaves
    case 0x14: return configuration.divider
    case 0x20: return 0  // TXFLR
    case 0x24: return UInt32(receiveQueue.count)
    case 0x28:
      // Never busy when it is looked at; the transmit FIFO is empty.
      return 0x6 | (receiveQueue.isEmpty ? 0 : 8)
        | (receiveQueue.count == Self.fifoDepth ? 0x10 : 0)
    case 0x48: return 0  // ICR
    case 0x58: return 0x5141_30F0
    case 0x5C: return 0x3430_312A
    case 0x60...0xEC: return receiveQueue.isEmpty ? 0 : receiveQueue.removeFirst()
    case 0xF0: return configuration.sampleDelay
    case 0xF4: return configuration.serialControl
    case 0xF8: return configuration.driveEdge
    case 0x0C, 0x18, 0x1C, 0x2C...0x54: return others[offset] ?? 0
    default: return nil
    }
  }

  func write(_ offset: UInt32, _ write: RegisterWrite) -> Bool {
    switch offset {
    case 0x00:
      requireDisabled("CTRLR0")
      configuration.control = write.applied(to: configuration.control)
    case 0x04:
      requireDisabled("CTRLR1")
      configuration.frameCount = write.applied(to: configuration.frameCount, mask: 0xFFFF)
    case 0x08: setEnabled(write.applied(to: configuration.isEnabled ? 1 : 0) & 1 == 1)
    case 0x10: configuration.slaves = write.applied(to: configuration.slaves, mask: 1)
    case 0x14:
      requireDisabled("BAUDR")
      configuration.divider = write.applied(to: configuration.divider, mask: 0xFFFF)
    case 0x60...0xEC:
      if configuration.isEnabled { transmitQueue.append(write.applied(to: 0)) }
      return true
    case 0xF0:
      requireDisabled("RX_SAMPLE_DLY")
      configuration.sampleDelay = write.applied(to: configuration.sampleDelay, mask: 0xFF)
    case 0xF4:
      requireDisabled("SPI_CTRLR0")
      configuration.serialControl = write.applied(to: configuration.serialControl)
    case 0xF8: configuration.driveEdge = write.applied(to: configuration.driveEdge, mask: 0xFF)
    case 0x0C, 0x18, 0x1C, 0x2C, 0x4C, 0x50, 0x54: others[offset] = write.applied(to: 0)
    case 0x20, 0x24, 0x28, 0x30, 0x34...0x48, 0x58, 0x5C:
      surroundings.report(.readOnly, "a status register of the SSI is written")
    default: return false
    }
    changed()
    return true
  }

  /// IO_QSPI's override of the chip select changed.
  func setChipSelect(_ override: PinBank.Override) {
    guard override != chipSelect else { return }
    drain()
    chipSelect = override
    if override == .low {
      flash.select()
    } else {
      flash.deselect()
    }
  }

  /// As the boot ROM sets it up, without the rules.
  func configure(_ configuration: Configuration) {
    drain()
    self.configuration = configuration
    receiveQueue = []
    changed()
  }

  // MARK: Steps

  private func setEnabled(_ isEnabled: Bool) {
    drain()
    configuration.isEnabled = isEnabled
    if !isEnabled {
      transmitQueue = []
      receiveQueue = []
    }
  }

  private func requireDisabled(_ register: String) {
    guard configuration.isEnabled else { return }
    surroundings.report(.ssiEnabled, "\(register) is written while SSIENR is 1")
  }

  /// Sends what was queued. On its own, the SSI selects the flash as long as its FIFO is not empty;
  /// so what is queued before somebody looks is one selection.
  private func drain() {
    guard !transmitQueue.isEmpty, configuration.slaves == 1 else {
      transmitQueue = []
      return
    }
    let words = transmitQueue
    transmitQueue = []
    if chipSelect == .normal { flash.select() }
    if configuration.readsAfterCommand {
      readAfterCommand(words)
    } else {
      for word in words {
        let answer = flash.isSelected ? flash.exchange(UInt8(truncatingIfNeeded: word)) : 0xFF
        if configuration.transmitsAndReceives { receive(UInt32(answer)) }
      }
    }
    if chipSelect == .normal { flash.deselect() }
  }

  private func readAfterCommand(_ words: [UInt32]) {
    if configuration.frames == .quad, words.count == 2,
      words[0] == UInt32(FlashCommands.Command.quadRead.rawValue)
    {
      // The command, then the address and mode bits in one word.
      if !flash.isQuadEnabled {
        surroundings.report(
          .flashReadMode, "a read with four data lines while QE is 0 in the flash")
      }
      flash.deselect()
      flash.quadRead(mode: UInt8(truncatingIfNeeded: words[1]))
      receive(0xFFFF_FFFF)
      return
    }
    for word in words { _ = flash.exchange(UInt8(truncatingIfNeeded: word)) }
    for _ in 0...configuration.frameCount { receive(UInt32(flash.exchange(0))) }
  }

  private func receive(_ word: UInt32) {
    if receiveQueue.count < Self.fifoDepth { receiveQueue.append(word) }
  }
}
