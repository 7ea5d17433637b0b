extension RecordStore {
  /// Erases the whole flash, whatever it holds, and begins anew: the way out of `.foreign`.
  ///
  /// Cut anywhere, the flash is still foreign to the next mount, or empty.
  ///
  /// - Throws: `.failed` if the flash does not take it.
  public mutating func reformat<F: Flash & ~Copyable>(
    _ flash: inout F
  ) throws(StorageFailure) {
    for sector in 0..<flash.sectorCount { flash.erase(sector: sector) }
    try mount(&flash)
  }
}
