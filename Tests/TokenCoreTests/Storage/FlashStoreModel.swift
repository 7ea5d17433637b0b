/// What a store should contain: a dictionary, and Docs/storage.md's rule about room.
struct FlashStoreModel: Equatable {
  private(set) var values: [Int: [UInt8]] = [:]

  /// Bytes of records that may be live at once.
  let capacity: Int

  init(sectorCount: Int, sectorSize: Int) {
    capacity = (sectorCount - 1) * (sectorSize - 32 - 496 + 16) - 496
  }

  /// What the values take: a header of 16 bytes each, and the value padded to 16.
  var live: Int {
    values.values.reduce(0) { $0 + Self.size(of: $1) }
  }

  /// - Returns: whether there was room.
  mutating func write(_ key: Int, _ value: [UInt8]) -> Bool {
    let old = values[key].map(Self.size(of:)) ?? 0
    guard live - old + Self.size(of: value) <= capacity else { return false }
    values[key] = value
    return true
  }

  mutating func remove(_ key: Int) {
    values[key] = nil
  }

  mutating func removeAll() {
    values = [:]
  }

  static func size(of value: [UInt8]) -> Int {
    16 + (value.count + 15) / 16 * 16
  }
}
