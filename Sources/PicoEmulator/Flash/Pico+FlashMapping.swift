/// The flash in the core's memory map. It is there as long as it can be read, in chunks that come when
/// something in them is wanted: firmware that looks at BOOTSEL takes all of it away and back, hundreds
/// of times a second.
extension Pico {
  private static let chunk = 64 * 1024

  func mapFlash(_ address: UInt32) {
    let start = address & ~UInt32(Self.chunk - 1)
    let offset = Int(start & 0xFF_FFFF)
    guard offset < flash.memory.size, !mappedFlash.contains(start) else {
      fault("an access beyond the end of the flash, at \(hexadecimal(address))")
      return
    }
    engine.map(flash.memory, offset..<offset + Self.chunk, at: start, writable: false)
    mappedFlash.insert(start)
    if staleFlash.remove(start) != nil { engine.forgetCode(at: start, size: Self.chunk) }
  }

  func unmapFlash() {
    for start in mappedFlash { engine.unmap(Self.chunk, at: start) }
    mappedFlash = []
  }

  /// The flash holds something else in that range than what may have been executed from it.
  func flashReplaced(_ range: Range<Int>) {
    for offset in stride(
      from: range.lowerBound / Self.chunk * Self.chunk, to: range.upperBound, by: Self.chunk)
    {
      for window in ExecuteInPlace.windows { staleFlash.insert(window + UInt32(offset)) }
    }
  }

  /// SRAM was written other than by the core.
  func forgetCodeInMemory() {
    engine.forgetCode(at: 0x2000_0000, size: sram.size)
  }
}
