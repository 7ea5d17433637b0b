/// The way out of `.foreign` and `.failed`: everything is given up.
extension RecordStore {
  /// Erases the whole flash, whatever it holds, and begins anew.
  ///
  /// The identity of every sector goes first. As soon as one of those that count has lost it, no
  /// mount takes the flash, so a cut leaves it as it was, refused, or empty: never a store with some
  /// of its values. Reformat again then.
  ///
  /// - Throws: `.failed` if the flash does not take it.
  public mutating func reformat<F: Flash & ~Copyable>(
    _ flash: inout F
  ) throws(StorageFailure) {
    self = RecordStore()
    let geometry = StoreGeometry(of: flash)
    for sector in 0..<geometry.sectorCount {
      _ = flash.clearChecked(at: geometry.start(of: sector), count: SectorHeader.identitySize)
    }
    for sector in 0..<geometry.sectorCount {
      flash.erase(sector: sector)
      guard flash.isErased(geometry.start(of: sector)..<geometry.end(of: sector)) else {
        throw .failed
      }
    }
    try mount(&flash)
  }
}
