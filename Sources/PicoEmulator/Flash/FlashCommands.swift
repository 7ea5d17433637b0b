/// The flash chip's side of its serial bus: commands, one a selection, and its state between them
/// (Winbond W25Q16JV, chapter 8).
final class FlashCommands {
  enum Command: UInt8 {
    case writeStatus1 = 0x01
    case pageProgram = 0x02
    case read = 0x03
    case writeDisable = 0x04
    case readStatus1 = 0x05
    case writeEnable = 0x06
    case fastRead = 0x0B
    case readStatus3 = 0x15
    case sectorErase = 0x20
    case writeStatus2 = 0x31
    case readStatus2 = 0x35
    case dualOutputRead = 0x3B
    case uniqueID = 0x4B
    case halfBlockErase = 0x52
    case readSFDP = 0x5A
    case chipErase = 0x60
    case enableReset = 0x66
    case quadOutputRead = 0x6B
    case manufacturer = 0x90
    case reset = 0x99
    case identification = 0x9F
    case releasePowerDown = 0xAB
    case dualRead = 0xBB
    case chipEraseToo = 0xC7
    case blockErase = 0xD8
    case quadRead = 0xEB
  }

  private let chip: FlashChip
  private unowned let surroundings: any Surroundings
  /// What it answers to `uniqueID`.
  let uniqueID: [UInt8]

  private(set) var isSelected = false
  /// What came since it was selected.
  private var received: [UInt8] = []
  private var isWriteEnabled = false
  private(set) var isQuadEnabled = false
  /// It takes an address at once, without a command (M5 and M4 were 1 and 0).
  private(set) var isContinuous = false
  private(set) var busyUntil = Nanoseconds.zero

  /// - Parameter uniqueID: eight bytes.
  init(_ chip: FlashChip, uniqueID: [UInt8], _ surroundings: any Surroundings) {
    precondition(uniqueID.count == 8)
    self.chip = chip
    self.uniqueID = uniqueID
    self.surroundings = surroundings
  }

  /// What the power going away leaves.
  func powerOn() {
    isSelected = false
    received = []
    isWriteEnabled = false
    isContinuous = false
    busyUntil = .zero
  }

  var isBusy: Bool { surroundings.now < busyUntil }

  func select() {
    isSelected = true
    received = []
  }

  /// A byte in each direction.
  func exchange(_ byte: UInt8) -> UInt8 {
    received.append(byte)
    guard received.count > 1, let command = Command(rawValue: received[0]) else { return 0xFF }
    let position = received.count - 1
    switch command {
    case .readStatus1: return (isBusy ? 1 : 0) | (isWriteEnabled ? 2 : 0)
    case .readStatus2: return isQuadEnabled ? 2 : 0
    case .readStatus3: return 0x60
    case .identification: return position <= 3 ? [0xEF, 0x40, 0x15][position - 1] : 0xFF
    case .manufacturer: return position < 4 ? 0xFF : position % 2 == 0 ? 0xEF : 0x14
    case .releasePowerDown: return position < 4 ? 0xFF : 0x14
    case .uniqueID: return position < 5 ? 0xFF : uniqueID[(position - 5) % 8]
    case .read where position >= 4: return stored(position - 4)
    case .fastRead where position >= 5: return stored(position - 5)
    default: return 0xFF
    }
  }

  func deselect() {
    guard isSelected else { return }
    isSelected = false
    guard let first = received.first else { return }
    if isContinuous {
      // Anything but the mode bits of another read ends it; that is what EX sends.
      isContinuous = false
      return
    }
    guard let command = Command(rawValue: first) else {
      if first != 0xFF {
        surroundings.report(.notModelled, "the flash command \(hexadecimal(UInt32(first)))")
      }
      return
    }
    if isBusy, command != .readStatus1, command != .readStatus2, command != .readStatus3 {
      surroundings.report(
        .flashSequence, "the flash is busy, and ignores the command \(hexadecimal(UInt32(first)))")
      return
    }
    execute(command)
  }

  /// A read with four data lines whose mode bits are `mode`.
  func quadRead(mode: UInt8) {
    isContinuous = mode & 0x30 == 0x20
  }

  // MARK: Steps

  private var address: Int {
    (Int(received[1]) << 16 | Int(received[2]) << 8 | Int(received[3])) % FlashChip.size
  }

  private func stored(_ index: Int) -> UInt8 {
    isBusy ? 0xFF : chip.memory[(address + index) % FlashChip.size]
  }

  private func execute(_ command: Command) {
    switch command {
    case .writeEnable: isWriteEnabled = true
    case .writeDisable: isWriteEnabled = false
    case .pageProgram:
      guard received.count > 4 else { return }
      change(taking: FlashChip.Duration.pageProgram) {
        chip.program(Array(received[4...].suffix(FlashChip.pageSize)), at: address)
      }
    case .sectorErase: erase(FlashChip.sectorSize)
    case .halfBlockErase: erase(8 * FlashChip.sectorSize)
    case .blockErase: erase(16 * FlashChip.sectorSize)
    case .chipErase, .chipEraseToo:
      change(taking: FlashChip.Duration.chipErase) { chip.erase(FlashChip.size, at: 0) }
    case .writeStatus1, .writeStatus2:
      change(taking: FlashChip.Duration.statusWrite) {
        let index = command == .writeStatus1 ? 2 : 1
        if received.count > index { isQuadEnabled = received[index] & 2 != 0 }
      }
    case .reset: isWriteEnabled = false
    case .quadRead, .dualRead, .quadOutputRead, .dualOutputRead, .readSFDP:
      surroundings.report(
        .notModelled, "the flash command \(hexadecimal(UInt32(command.rawValue))) by single bytes")
    default: break
    }
  }

  private func erase(_ size: Int) {
    guard received.count >= 4 else { return }
    change(taking: FlashChip.Duration.erase(size)) { chip.erase(size, at: address / size * size) }
  }

  private func change(taking length: Nanoseconds, _ work: () -> Void) {
    guard isWriteEnabled else {
      surroundings.report(.flashSequence, "a program or erase without a write enable (06h) before")
      return
    }
    isWriteEnabled = false
    busyUntil = surroundings.now + length
    work()
  }
}
