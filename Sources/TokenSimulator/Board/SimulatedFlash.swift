import Glibc
import TokenCore

/// NOR flash in memory: 32 sectors of 4,096 bytes.
///
/// A value: copying it is a snapshot that costs nothing until one of the two is written.
public struct SimulatedFlash: Flash, Sendable {
  public static let sectorCount = 32
  /// Bytes.
  public static let sectorSize = 4096
  /// Bytes in all, 131,072.
  public static let size = sectorCount * sectorSize

  /// One operation that changed something, and what the flash held there afterwards.
  public enum Change: Equatable, Sendable {
    case programmed(address: Int, bytes: [UInt8])
    case erased(sector: Int)
  }

  /// `size` bytes.
  public private(set) var bytes: [UInt8]
  /// Operations since this flash was made; not kept in an image file.
  public private(set) var programCount = 0
  /// Erasures of each sector since this flash was made; not kept in an image file.
  public private(set) var eraseCounts = [Int](repeating: 0, count: sectorCount)
  /// What changed since the last `takeChanges()`, in order, if it is recorded.
  public private(set) var changes: [Change] = []
  /// Whether changes are recorded, for someone who takes them away now and then.
  public var recordsChanges = false

  /// Whether the power is gone: nothing changes any more, until `restorePower()`.
  public private(set) var isOff = false
  /// Operations that still go through before the power goes within one; `nil` for never.
  private var operationsLeft: Int?
  /// How the operation tears within which the power goes.
  private var tearing = SeededRandom(0)

  /// Erased flash.
  public init() {
    bytes = [UInt8](repeating: 0xFF, count: Self.size)
  }

  /// Flash that holds `bytes`, `size` of them.
  public init(bytes: [UInt8]) {
    precondition(bytes.count == Self.size, "a flash has \(Self.size) bytes")
    self.bytes = bytes
  }

  public var sectorCount: Int { Self.sectorCount }
  public var sectorSize: Int { Self.sectorSize }
  public var eraseCount: Int { eraseCounts.reduce(0, +) }

  public func read(at address: Int, into target: inout MutableSpan<UInt8>) {
    let count = target.count
    precondition(address >= 0 && count <= Self.size - address, "reading beyond the flash")
    bytes.withUnsafeBytes { bytes in
      target.withUnsafeMutableBytes { target in
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[address..<address + count]))
      }
    }
  }

  public mutating func program(at address: Int, _ source: Span<UInt8>) {
    let count = source.count
    precondition(address >= 0 && address < Self.size, "programming beyond the flash")
    precondition(address % Self.sectorSize + count <= Self.sectorSize, "programming two sectors")
    guard !isOff else { return }
    let isTorn = !goesThrough()
    var clears: UInt8 = 0
    for index in 0..<count {
      let changing = bytes[address + index] & ~source[index]
      let kept = isTorn ? UInt8.random(in: 0...0xFF, using: &tearing) : 0
      clears |= changing & ~kept
      bytes[address + index] &= ~(changing & ~kept)
    }
    programCount += 1
    if recordsChanges && clears != 0 {
      changes.append(.programmed(address: address, bytes: Array(bytes[address..<address + count])))
    }
  }

  public mutating func erase(sector: Int) {
    precondition((0..<Self.sectorCount).contains(sector), "erasing beyond the flash")
    guard !isOff else { return }
    let start = sector * Self.sectorSize
    guard goesThrough() else {
      for index in start..<start + Self.sectorSize {
        bytes[index] |= UInt8.random(in: 0...0xFF, using: &tearing)
      }
      return
    }
    let isErased = bytes[start..<start + Self.sectorSize].allSatisfy { $0 == 0xFF }
    eraseCounts[sector] += 1
    guard !isErased else { return }
    bytes.withUnsafeMutableBytes { bytes in
      _ = memset(bytes.baseAddress! + start, 0xFF, Self.sectorSize)
    }
    if recordsChanges {
      changes.append(.erased(sector: sector))
    }
  }

  /// Lets the power go within the operation after the next `operations`. Any subset of its changing
  /// bits changes then, as `seed` has it.
  public mutating func cutPower(after operations: Int, seed: UInt64) {
    operationsLeft = operations
    tearing = SeededRandom(seed)
  }

  /// Gives the power back; a cut that has not come yet does not come.
  public mutating func restorePower() {
    operationsLeft = nil
    isOff = false
  }

  /// Counts an operation; `false` for the one within which the power goes.
  private mutating func goesThrough() -> Bool {
    guard let left = operationsLeft else { return true }
    operationsLeft = max(0, left - 1)
    isOff = left == 0
    return left > 0
  }

  /// The recorded changes, which are then forgotten.
  public mutating func takeChanges() -> [Change] {
    defer { changes.removeAll(keepingCapacity: true) }
    return changes
  }
}
