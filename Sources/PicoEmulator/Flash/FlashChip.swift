/// The Pico's flash, a Winbond W25Q16JV: 2 MiB of NOR cells.
///
/// Programming clears bits and never sets one, up to 256 bytes within a page at once. Erasing sets
/// all bits of a sector of 4 KiB or a block of 32 or 64 KiB. Either can be cut by the power going
/// away, at any of them.
final class FlashChip {
  static let size = 2 * 1024 * 1024
  static let pageSize = 256
  static let sectorSize = 4_096

  /// How long it is busy; the data sheet's typical values.
  enum Duration {
    static let pageProgram = Nanoseconds.microseconds(400)
    static let sectorErase = Nanoseconds.milliseconds(45)
    static let halfBlockErase = Nanoseconds.milliseconds(120)
    static let blockErase = Nanoseconds.milliseconds(150)
    static let chipErase = Nanoseconds.seconds(5)
    static let statusWrite = Nanoseconds.milliseconds(10)

    static func erase(_ size: Int) -> Nanoseconds {
      switch size {
      case FlashChip.sectorSize: sectorErase
      case 8 * FlashChip.sectorSize: halfBlockErase
      case 16 * FlashChip.sectorSize: blockErase
      default: chipErase
      }
    }
  }

  let memory = Memory(size: size, filledWith: 0xFF)
  /// Called for each change, when it is done: the range of it.
  var onChange: (Range<Int>) -> Void = { _ in }
  /// Called when the power is cut.
  var onPowerCut: () -> Void = {}
  var powerCut: PowerCut?
  /// Programs and erases since the model was made.
  private(set) var operationCount: UInt64 = 0
  /// Erases of each sector.
  private(set) var eraseCounts = [UInt32](repeating: 0, count: size / sectorSize)

  /// - Parameters:
  ///   - address: within the chip.
  ///   - bytes: 1 to 256; beyond the end of the page they wrap to its start, as they do in the chip.
  func program(_ bytes: [UInt8], at address: Int) {
    precondition((1...Self.pageSize).contains(bytes.count) && (0..<Self.size).contains(address))
    let page = address / Self.pageSize * Self.pageSize
    var target = Array(memory.bytes[page..<page + Self.pageSize])
    for (index, byte) in bytes.enumerated() {
      target[(address - page + index) % Self.pageSize] &= byte
    }
    change(page, to: target)
  }

  /// - Parameters:
  ///   - address: a multiple of `size`.
  ///   - size: of a sector, of a block, or of the chip.
  func erase(_ size: Int, at address: Int) {
    precondition(address % size == 0 && address + size <= Self.size)
    for sector in address / Self.sectorSize..<(address + size) / Self.sectorSize {
      eraseCounts[sector] += 1
    }
    change(address, to: [UInt8](repeating: 0xFF, count: size))
  }

  /// Puts an image or a file's content in, without the chip's rules.
  func load(_ bytes: some Collection<UInt8>, at address: Int) {
    precondition(address >= 0 && address + bytes.count <= Self.size)
    for (index, byte) in bytes.enumerated() { memory[address + index] = byte }
  }

  private func change(_ address: Int, to target: [UInt8]) {
    operationCount += 1
    var target = target
    let isCut = powerCut?.counts() ?? false
    if isCut, let cut = powerCut {
      let old = Array(memory.bytes[address..<address + target.count])
      target = cut.tear.apply(old: old, new: target)
      powerCut = nil
    }
    load(target, at: address)
    onChange(address..<address + target.count)
    if isCut { onPowerCut() }
  }
}

/// The power going away at one of the next programs and erases.
public struct PowerCut: Sendable {
  /// What of the operation happened.
  public enum Tear: Sendable {
    case nothing
    case everything
    /// Some of the bits that were to change did: which, comes from this seed.
    case some(seed: UInt64)
  }

  /// Programs and erases that still happen before it.
  public private(set) var remaining: UInt64
  public let tear: Tear

  /// - Parameter operation: 0 is the next one.
  public init(at operation: UInt64, tear: Tear) {
    remaining = operation
    self.tear = tear
  }

  /// Whether it is now.
  fileprivate mutating func counts() -> Bool {
    guard remaining > 0 else { return true }
    remaining -= 1
    return false
  }
}

extension PowerCut.Tear {
  fileprivate func apply(old: [UInt8], new: [UInt8]) -> [UInt8] {
    switch self {
    case .nothing: return old
    case .everything: return new
    case .some(let seed):
      var generator = SplitMix(seed: seed)
      return zip(old, new).map { old, new in
        old ^ (old ^ new) & UInt8(truncatingIfNeeded: generator.next() >> 24)
      }
    }
  }
}
