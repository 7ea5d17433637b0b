import TokenCore

/// A store's mistake that the driver has to notice. It is made between the store and its flash, so that
/// the store itself does not have to be written once more for it.
package enum Mutation: String, CaseIterable, Sendable {
  /// The commit mark is programmed before the record.
  case commitsFirst
  /// Values that were replaced or removed are not overwritten.
  case leavesValues
  /// Marks that may have been cut are not programmed once more.
  case trustsMarks
  /// A sector is erased with its identity still in it.
  case erasesInPlace
  /// A sector counts before what is to be copied into it is there.
  case countsTooSoon
  /// The answer is given before the flash has it: a try is spent, a counter raised, after the fact.
  case answersFirst
}

/// NOR flash, with a mistake on the way to it, or with none.
///
/// What the mistake changes is hidden from the store until the power goes.
package struct MutantFlash: Flash {
  package var cells: NORFlash
  private let mutation: Mutation?
  /// What the store believes to be there, by address.
  private var beliefs: [Int: UInt8] = [:]
  /// What is not yet done.
  private var late: [FlashEvent] = []

  package init(_ cells: NORFlash, _ mutation: Mutation? = nil) {
    self.cells = cells
    self.mutation = mutation
  }

  package var sectorCount: Int { cells.sectorCount }
  package var sectorSize: Int { cells.sectorSize }

  package mutating func read(at address: Int, into bytes: inout MutableSpan<UInt8>) {
    cells.read(at: address, into: &bytes)
    if beliefs.isEmpty { return }
    for index in bytes.indices {
      if let belief = beliefs[address + index] { bytes[index] = belief }
    }
  }

  package mutating func program(at address: Int, _ bytes: Span<UInt8>) {
    guard let mutation, !cells.isOff else { return cells.program(at: address, bytes) }
    let isClearing = !bytes.indices.contains { bytes[$0] != 0 }
    switch mutation {
    case .commitsFirst where bytes.count == 1 && bytes[0] == 0xFE && address % 16 == 13:
      let committed: InlineArray<1, UInt8> = [0xF0]
      cells.program(at: address, committed.span)
      beliefs[address] = 0xFE
    case .leavesValues where isClearing && bytes.count > 12:
      believe(bytes, at: address)
    case .trustsMarks where isDone(bytes, at: address):
      break
    case .erasesInPlace where isClearing && bytes.count == 12 && address % sectorSize == 0:
      believe(bytes, at: address)
    case .countsTooSoon where bytes.count == 20 && address % sectorSize == 0:
      cells.program(at: address, bytes)
      let filled: InlineArray<1, UInt8> = [0]
      cells.program(at: address + 20, filled.span)
      beliefs[address + 20] = 0xFF
    case .answersFirst:
      late.append(.program(address, bytes.indices.map { bytes[$0] }))
      believe(bytes, at: address)
    default:
      for index in bytes.indices { beliefs[address + index] = nil }
      cells.program(at: address, bytes)
    }
  }

  package mutating func erase(sector: Int) {
    if mutation == .answersFirst {
      late.append(.erase(sector))
      for address in sector * sectorSize..<(sector + 1) * sectorSize { beliefs[address] = 0xFF }
      return
    }
    if !beliefs.isEmpty {
      for address in sector * sectorSize..<(sector + 1) * sectorSize { beliefs[address] = nil }
    }
    cells.erase(sector: sector)
  }

  /// The answer is out: does what was put off.
  ///
  /// - Returns: whether there was anything.
  mutating func answered() -> Bool {
    defer {
      late = []
      if mutation == .answersFirst { beliefs = [:] }
    }
    for event in late { cells.apply(event) }
    return !late.isEmpty
  }

  private mutating func believe(_ bytes: Span<UInt8>, at address: Int) {
    for index in bytes.indices {
      let old = beliefs[address + index] ?? cells.bytes[address + index]
      beliefs[address + index] = old & bytes[index]
    }
  }

  private mutating func isDone(_ bytes: Span<UInt8>, at address: Int) -> Bool {
    var found = [UInt8](repeating: 0, count: bytes.count)
    var span = found.mutableSpan
    cells.read(at: address, into: &span)
    return !bytes.indices.contains { found[$0] & bytes[$0] != found[$0] }
  }
}
