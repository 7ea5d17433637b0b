/// Reading and programming sector headers, each step read back.
extension RecordStore {
  func header<F: Flash & ~Copyable>(of sector: Int, in flash: inout F) -> SectorHeader {
    var buffer = InlineArray<32, UInt8>(repeating: 0)
    var bytes = buffer.mutableSpan
    flash.read(at: geometry.start(of: sector), into: &bytes)
    return SectorHeader(parsing: bytes.span, geometry: geometry)
  }

  /// Gives an erased sector its identity.
  func programIdentity<F: Flash & ~Copyable>(of sector: Int, in flash: inout F) -> Bool {
    var buffer = InlineArray<32, UInt8>(repeating: 0xFF)
    var bytes = buffer.mutableSpan
    SectorHeader.writeIdentity(of: geometry, into: &bytes)
    return flash.programChecked(
      at: geometry.start(of: sector), buffer.span.extracting(0..<SectorHeader.identitySize))
  }

  /// Gives a blank sector its number, and its identity once more: the program that gave it may have
  /// been cut.
  func programNumber<F: Flash & ~Copyable>(
    _ sequence: UInt32, of sector: Int, in flash: inout F
  ) -> Bool {
    var buffer = InlineArray<32, UInt8>(repeating: 0xFF)
    var bytes = buffer.mutableSpan
    SectorHeader.writeIdentity(of: geometry, into: &bytes)
    SectorHeader.writeSequence(sequence, into: &bytes)
    return flash.programChecked(
      at: geometry.start(of: sector), buffer.span.extracting(0..<SectorHeader.numberedSize))
  }

  /// Sets a mark.
  func programMark<F: Flash & ~Copyable>(
    at offset: Int, of sector: Int, in flash: inout F
  ) -> Bool {
    flash.programChecked(at: geometry.start(of: sector) + offset, SectorHeader.mark)
  }
}
