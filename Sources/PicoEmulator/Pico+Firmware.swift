extension Pico {
  /// Puts an image into flash, as a programmer does: the sectors that it touches are erased before.
  public func install(_ image: FirmwareImage) {
    let size = FlashChip.sectorSize
    var sectors: Set<Int> = []
    for segment in image.segments where !segment.bytes.isEmpty {
      sectors.formUnion(segment.offset / size...(segment.offset + segment.bytes.count - 1) / size)
    }
    let blank = [UInt8](repeating: 0xFF, count: size)
    for sector in sectors { flash.load(blank, at: sector * size) }
    for segment in image.segments { flash.load(segment.bytes, at: segment.offset) }
    for sector in sectors { record(sector * size..<sector * size + size) }
    unmapFlash()
    flashReplaced(0..<Self.flashSize)
  }

  /// Takes the flash's content from a file, and has each change of it go there.
  public func keepFlash(in file: FlashFile) throws(FlashFile.Failure) {
    setFlashBytes(try file.read(), at: 0)
    flashFile = file
  }

  /// Lets go of that file.
  public func releaseFlashFile() {
    flashFile = nil
  }

  /// What the flash holds; `range` is within its 2 MiB.
  public func flashBytes(_ range: Range<Int>) -> [UInt8] { Array(flash.memory.bytes[range]) }

  public static var flashSize: Int { FlashChip.size }

  /// Overwrites flash without its rules.
  public func setFlashBytes(_ bytes: [UInt8], at offset: Int) {
    flash.load(bytes, at: offset)
    record(offset..<offset + bytes.count)
    unmapFlash()
    flashReplaced(offset..<offset + bytes.count)
  }

  /// Programs and erases since this Pico was made.
  public var flashOperations: UInt64 { flash.operationCount }

  /// How often the sector at `offset` was erased.
  public func eraseCount(ofSectorAt offset: Int) -> UInt32 {
    flash.eraseCounts[offset / FlashChip.sectorSize]
  }

  /// Has the power go away at one of the next programs and erases; `nil` takes that back.
  public var powerCut: PowerCut? {
    get { flash.powerCut }
    set { flash.powerCut = newValue }
  }

  /// The word at an address of SRAM, little-endian; `nil` elsewhere.
  public func word(at address: UInt32) -> UInt32? { loadStack(at: address) }

  /// What the 264 KiB of SRAM hold.
  public var memoryBytes: [UInt8] { Array(sram.bytes) }

  /// What the 4 KiB hold that the core and the USB controller share.
  public var usbMemoryBytes: [UInt8] { controller.memory.bytes }

  /// What the ring oscillator gives as random bits from now on.
  public func setRandomBits(_ bits: RandomBits) {
    ring.setRandomBits(bits)
  }

  /// Takes the power away and gives it back.
  public func powerCycle() {
    powerOff()
    powerOn()
  }

  /// What is in that range of the flash goes to its file.
  func record(_ range: Range<Int>) {
    flashFile?.record(flashBytes(range), at: range.lowerBound)
  }
}
