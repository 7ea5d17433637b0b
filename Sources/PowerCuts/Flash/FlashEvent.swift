/// A program or an erasure, as the flash was told to do it.
package enum FlashEvent: Equatable, Sendable {
  case program(Int, [UInt8])
  case erase(Int)

  /// Offsets at which parts of a sector's header end; a tear at these says more than elsewhere.
  static let borders = [12, 20, 32]
}

extension NORFlash {
  /// Does it again.
  mutating func apply(_ event: FlashEvent) {
    switch event {
    case .program(let address, let bytes): program(at: address, bytes.span)
    case .erase(let sector): erase(sector: sector)
    }
  }

  /// How many bits it would change here; counting ends beyond `limit`.
  func bitsChanged(by event: FlashEvent, limit: Int) -> Int {
    var count = 0
    switch event {
    case .program(let address, let new):
      for index in new.indices {
        count += (bytes[address + index] & ~new[index]).nonzeroBitCount
        if count > limit { return count }
      }
    case .erase(let sector):
      for address in sector * sectorSize..<(sector + 1) * sectorSize {
        count += (~bytes[address] | marginalBits(at: address)).nonzeroBitCount
        if count > limit { return count }
      }
    }
    return count
  }

  /// This flash once the power went within `event`.
  ///
  /// - Parameter number: which way it tore, see `Tear.init(number:…)`.
  func torn(at event: FlashEvent, tear number: Int, _ random: inout SplitMix) -> NORFlash {
    let bits = bitsChanged(by: event, limit: Tear.mostForSubsets)
    let tear =
      switch event {
      case .program(_, let bytes):
        Tear(number: number, bits: bits, length: bytes.count, borders: [], &random)
      case .erase:
        Tear(
          number: number, bits: bits, length: sectorSize, borders: FlashEvent.borders, &random)
      }
    var flash = self
    flash.cutPower(after: 0, seed: random.next())
    flash.tear = tear
    flash.apply(event)
    return flash
  }
}
