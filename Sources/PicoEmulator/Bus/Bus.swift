/// Takes each access that is not to memory to the peripheral whose register it is, with the rules
/// that hold for all of them (RP2040 data sheet, 2.1 and 2.2).
final class Bus: Engine.Client {
  /// What is at an address, with its aliases 16 KiB.
  struct Slot {
    let name: String
    /// `nil` for what the chip has and the model does not.
    let peripheral: (any Peripheral)?
    /// What holds it in reset, if anything does.
    let unit: ResetController.Unit?

    init(_ name: String, _ peripheral: (any Peripheral)?, _ unit: ResetController.Unit? = nil) {
      self.name = name
      self.peripheral = peripheral
      self.unit = unit
    }
  }

  /// The ranges that are not memory: base and size.
  static let windows: [(base: UInt32, size: Int)] = [
    (0x2100_0000, 0x4_0000), (0x1400_0000, 0x4000), (0x1800_0000, 0x4000), (0x4000_0000, 0x70000),
    (0x5000_0000, 0x42_0000),
    (0xD000_0000, 0x1000), (0xE000_0000, 0x10000),
  ]

  private static let dualPortMemory: UInt32 = 0x5010_0000

  private unowned let surroundings: any Surroundings
  private let slots: [UInt32: Slot]
  /// The slot that was used last; the next access is mostly to the same.
  private var recent: (key: UInt32, slot: Slot)
  private let sram: Memory
  private let memory: DualPortMemory
  private let singleCycle: SingleCycleIO
  private let system: SystemControlSpace
  private let resets: ResetController

  /// - Parameter slots: by address.
  init(
    _ surroundings: any Surroundings, slots: [UInt32: Slot], sram: Memory, memory: DualPortMemory,
    singleCycle: SingleCycleIO, system: SystemControlSpace, resets: ResetController
  ) {
    self.surroundings = surroundings
    self.slots = Dictionary(uniqueKeysWithValues: slots.map { ($0.key >> 14, $0.value) })
    recent = (.max, Slot("nothing", nil))
    self.sram = sram
    self.memory = memory
    self.singleCycle = singleCycle
    self.system = system
    self.resets = resets
  }

  // MARK: Accesses

  func load(_ address: UInt32, size: Int) -> UInt32 {
    if address & ~0x3FFF == Self.dualPortMemory { return loadDualPort(address, size) }
    let word = loadWord(address & ~3) ?? missing(address)
    return size == 4 ? word : word >> ((address & 3) * 8) & (size == 1 ? 0xFF : 0xFFFF)
  }

  func store(_ address: UInt32, size: Int, _ value: UInt32) {
    if address & ~0x3FFF == Self.dualPortMemory {
      guard isUsable(slot(at: address)), hasNoAlias(address) else { return }
      memory.store(Int(address & 0xFFF), size: size, value)
      return
    }
    if address >> 28 == 2 {
      for index in 0..<size {
        let byte = address + UInt32(index)
        sram[Self.striped(byte & ~3) + Int(byte & 3)] = UInt8(
          truncatingIfNeeded: value >> UInt32(index * 8))
      }
      return
    }
    // A narrow write reaches a register as the whole word, with the value repeated (2.1.4).
    let word =
      switch size {
      case 1: (value & 0xFF) &* 0x0101_0101
      case 2: (value & 0xFFFF) &* 0x0001_0001
      default: value
      }
    if !storeWord(address & ~3, word) { _ = missing(address) }
  }

  private func loadWord(_ address: UInt32) -> UInt32? {
    switch address >> 28 {
    case 0x2: return sram.word(at: Self.striped(address))
    case 0xD: return singleCycle.read(address & 0xFFF_FFFF)
    case 0xE: return system.read(address & 0xFFF_FFFF)
    default:
      guard let slot = slot(at: address) else { return nil }
      guard isUsable(slot) else { return 0 }
      return slot.peripheral!.read(address & 0xFFF)
    }
  }

  private func storeWord(_ address: UInt32, _ value: UInt32) -> Bool {
    switch address >> 28 {
    case 0xD: return singleCycle.write(address & 0xFFF_FFFF, value)
    case 0xE: return system.write(address & 0xFFF_FFFF, value)
    default:
      guard let slot = slot(at: address) else { return false }
      guard isUsable(slot) else { return true }
      let write = RegisterWrite(value, RegisterWrite.Kind(rawValue: address >> 12 & 3)!)
      return slot.peripheral!.write(address & 0xFFF, write)
    }
  }

  /// SRAM's four large banks one after the other, at 0x21000000: where a word of them is among the
  /// words at 0x20000000, which go from bank to bank.
  private static func striped(_ address: UInt32) -> Int {
    let (bank, word) = (address >> 16 & 3, address >> 2 & 0x3FFF)
    return Int(word << 4 | bank << 2)
  }

  private func slot(at address: UInt32) -> Slot? {
    let key = address >> 14
    if key == recent.key { return recent.slot }
    guard let slot = slots[key] else { return nil }
    recent = (key, slot)
    return slot
  }

  // MARK: Rules

  private func isUsable(_ slot: Slot?) -> Bool {
    guard let slot else { return false }
    if let unit = slot.unit, !resets.isReady(unit) {
      surroundings.report(
        .peripheralInReset,
        resets.isHeld(unit)
          ? "\(slot.name) is used while RESETS holds it"
          : "\(slot.name) is used before RESET_DONE says that it is out of reset")
      return false
    }
    guard slot.peripheral != nil else {
      surroundings.report(.notModelled, "\(slot.name) is used, which this model does not have")
      return false
    }
    return true
  }

  private func loadDualPort(_ address: UInt32, _ size: Int) -> UInt32 {
    guard isUsable(slot(at: address)), hasNoAlias(address) else { return 0 }
    return memory.load(Int(address & 0xFFF), size: size)
  }

  private func hasNoAlias(_ address: UInt32) -> Bool {
    guard address & 0x3000 != 0 else { return true }
    surroundings.report(
      .noAtomicAlias, "\(hexadecimal(address)): the USB controller's DPSRAM has no atomic aliases")
    return false
  }

  private func missing(_ address: UInt32) -> UInt32 {
    let name = slots[address >> 14].map { "\($0.name) has" } ?? "there is"
    surroundings.report(.noSuchRegister, "\(name) no register at \(hexadecimal(address))")
    return 0
  }
}
