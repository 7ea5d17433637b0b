import TokenCore

/// NOR flash in memory, as unkind as Docs/storage.md allows: the power can be cut within any
/// operation, bits that were changing then changed or not, or are marginal: they read either way
/// each time until they are programmed or erased again. And cells can be worn.
package struct NORFlash: Flash, Sendable {
  package let sectorCount: Int
  package let sectorSize: Int

  /// What the cells hold. A marginal bit is a 1 here.
  package private(set) var bytes: [UInt8]

  /// By address, bits that a cut left half way.
  private var marginal: [Int: UInt8] = [:]

  /// By address, bits that no program clears any more.
  package var stuck: [Int: UInt8] = [:]

  /// Sectors that an erasure leaves as they are.
  package var unerasable: Set<Int> = []

  /// Sectors whose last erasure was cut. However erased they look, they are not.
  private var halfErased: Set<Int> = []

  /// Erasures that were not cut, by sector.
  package private(set) var erasures: [Int]

  /// Programs and erasures so far.
  package private(set) var operations = 0

  /// The operation, counted from here, within which the power goes; nil for never.
  private(set) var operationsLeft: Int?

  /// How the cut tears; nil for any way.
  package var tear: Tear?

  /// Whether the power is gone: nothing changes any more.
  package private(set) var isOff = false

  /// Bytes that were read, and bytes that were programmed, so far.
  package private(set) var bytesRead = 0
  package private(set) var bytesProgrammed = 0

  /// Whether what changes the flash is written down in `events`.
  package var recordsEvents = false

  /// Programs and erasures since they were last taken, if they are recorded.
  package private(set) var events: [FlashEvent] = []

  /// What the store did that NOR flash cannot do.
  package private(set) var violations: [String] = []

  /// How marginal bits read until the next power-up.
  private var reading = MarginalReading.random

  private var random: SplitMix

  package init(sectorCount: Int, sectorSize: Int, seed: UInt64 = 0) {
    self.sectorCount = sectorCount
    self.sectorSize = sectorSize
    bytes = [UInt8](repeating: 0xFF, count: sectorCount * sectorSize)
    erasures = [Int](repeating: 0, count: sectorCount)
    random = SplitMix(seed: seed)
  }

  /// Flash that holds `bytes`.
  package init(_ bytes: [UInt8], sectorCount: Int, sectorSize: Int) {
    precondition(bytes.count == sectorCount * sectorSize)
    self.init(sectorCount: sectorCount, sectorSize: sectorSize)
    self.bytes = bytes
  }

  /// The cells of `flash`, taken for another geometry of the same size.
  package init(_ flash: NORFlash, sectorCount: Int, sectorSize: Int) {
    self.init(sectorCount: sectorCount, sectorSize: sectorSize)
    bytes = flash.bytes
  }

  /// Lets the power go within the operation after the next `count`; how it tears follows from
  /// `seed`.
  package mutating func cutPower(after count: Int, seed: UInt64) {
    operationsLeft = count
    random = SplitMix(seed: seed)
  }

  /// Gives the power back; how marginal bits read from now on is for chance to say, or for the caller.
  package mutating func powerUp(_ reading: MarginalReading? = nil) {
    operationsLeft = nil
    tear = nil
    isOff = false
    self.reading = reading ?? MarginalReading.allCases.randomElement(using: &random)!
  }

  /// The same flash with its marginal bits fixed: each as 0 or as 1, or all alike.
  package func resolved(_ reading: MarginalReading = .random) -> NORFlash {
    var flash = self
    for (address, bits) in marginal.sorted(by: { $0.key < $1.key }) {
      switch reading {
      case .ones: break
      case .zeros: flash.bytes[address] &= ~bits
      case .random: flash.bytes[address] &= ~bits | flash.random.byte()
      }
    }
    flash.marginal = [:]
    return flash
  }

  package var hasMarginalBits: Bool { !marginal.isEmpty }

  /// Whether the sector's last erasure was cut, whatever it looks like.
  func isHalfErased(_ sector: Int) -> Bool { halfErased.contains(sector) }

  /// The bits of a byte that a cut left half way.
  func marginalBits(at address: Int) -> UInt8 { marginal[address] ?? 0 }

  /// The events so far; they are forgotten.
  package mutating func takeEvents() -> [FlashEvent] {
    defer { events = [] }
    return events
  }

  /// Changes cells behind the store's back.
  package mutating func damage(at address: Int, flipping bits: UInt8) {
    bytes[address] ^= bits
  }

  package mutating func read(at address: Int, into target: inout MutableSpan<UInt8>) {
    if address < 0 || address + target.count > bytes.count {
      violations.append("read of \(target.count) bytes at \(address)")
      return
    }
    bytesRead += target.count
    for index in 0..<target.count { target[index] = bytes[address + index] }
    if marginal.isEmpty { return }
    for index in 0..<target.count {
      guard let bits = marginal[address + index] else { continue }
      switch reading {
      case .ones: break
      case .zeros: target[index] &= ~bits
      case .random: target[index] &= ~bits | random.byte()
      }
    }
  }

  package mutating func program(at address: Int, _ source: Span<UInt8>) {
    guard !isOff else { return }
    operations += 1
    if address < 0 || source.isEmpty || address + source.count > bytes.count
      || address / sectorSize != (address + source.count - 1) / sectorSize
    {
      violations.append("program of \(source.count) bytes at \(address)")
      return
    }
    bytesProgrammed += source.count
    if recordsEvents {
      events.append(.program(address, source.indices.map { source[$0] }))
    }
    // Clearing is harmless; storing is not.
    if halfErased.contains(address / sectorSize), (source.indices.contains { source[$0] != 0 }) {
      violations.append("program at \(address), in a sector whose erasure was cut")
    }
    var tear = nextTear(length: source.count)
    for index in source.indices {
      let old = bytes[address + index]
      if source[index] & ~old != 0 { violations.append("program sets bits at \(address + index)") }
      let changing = old & ~source[index] & ~(stuck[address + index] ?? 0)
      let (done, halfway) = tear.split(changing, at: index, &random)
      bytes[address + index] &= ~done
      setMarginal((marginal[address + index] ?? 0) & ~done | halfway, at: address + index)
    }
  }

  package mutating func erase(sector: Int) {
    guard !isOff else { return }
    operations += 1
    if !(0..<sectorCount).contains(sector) {
      violations.append("erasure of sector \(sector)")
      return
    }
    if recordsEvents { events.append(.erase(sector)) }
    if unerasable.contains(sector) { return }
    var tear = nextTear(length: sectorSize, exceptions: FlashEvent.borders)
    if isOff {
      halfErased.insert(sector)
    } else {
      halfErased.remove(sector)
      erasures[sector] += 1
    }
    for index in 0..<sectorSize {
      let address = sector * sectorSize + index
      // Erasing strengthens a marginal bit as it sets a cleared one.
      let changing = ~bytes[address] | (marginal[address] ?? 0)
      if changing == 0 { continue }
      let (done, halfway) = tear.split(changing, at: index, &random)
      bytes[address] |= done | halfway
      setMarginal((marginal[address] ?? 0) & ~done | halfway, at: address)
    }
  }

  private mutating func setMarginal(_ bits: UInt8, at address: Int) {
    if bits != 0 || !marginal.isEmpty { marginal[address] = bits == 0 ? nil : bits }
  }

  /// How the operation that begins now ends; `exceptions` are lengths at which a header's parts end.
  private mutating func nextTear(length: Int, exceptions: [Int] = []) -> Tear {
    guard let left = operationsLeft else { return .complete }
    operationsLeft = left - 1
    guard left == 0 else { return .complete }
    isOff = true
    if let tear { return tear }
    let part = (exceptions + [.random(in: 0...length, using: &random)])
      .randomElement(using: &random)!
    switch random.next() % 7 {
    case 0: return .nothing
    case 1: return .complete
    case 2: return .prefix(part)
    case 3: return .suffix(part)
    case 4: return .subset
    case 5: return .halfway
    default: return .mixture
    }
  }
}
