/// Where each key's record is: one table of 16-bit unit numbers, 400 bytes.
struct RecordIndex: ~Copyable {
  /// Unit numbers by key. Unit 0 is in the first sector's header and never a record's: it says
  /// that the key has none.
  private var units = InlineArray<200, UInt16>(repeating: 0)
  private let pin = Pin()

  /// The address of the key's record, in bytes from the start of the area.
  subscript(key: Int) -> Int? {
    get {
      units[key] == 0 ? nil : Int(units[key]) * StoreGeometry.unitSize
    }
    set {
      units[key] = UInt16((newValue ?? 0) / StoreGeometry.unitSize)
    }
  }
}
