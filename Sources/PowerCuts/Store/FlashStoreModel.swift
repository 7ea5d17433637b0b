/// What a store should contain: a dictionary, and Docs/storage.md's rule about room.
package struct FlashStoreModel: Equatable, Sendable {
  package private(set) var values: [Int: [UInt8]] = [:]

  /// Bytes of records that may be live at once.
  package let capacity: Int

  package init(sectorCount: Int, sectorSize: Int) {
    capacity = (sectorCount - 1) * (sectorSize - 32 - 496 + 16) - 496
  }

  /// What the values take: a header of 16 bytes each, and the value padded to 16.
  package var live: Int {
    values.values.reduce(0) { $0 + Self.size(of: $1) }
  }

  /// - Returns: whether there was room.
  package mutating func write(_ key: Int, _ value: [UInt8]) -> Bool {
    let old = values[key].map(Self.size(of:)) ?? 0
    guard live - old + Self.size(of: value) <= capacity else { return false }
    values[key] = value
    return true
  }

  package mutating func remove(_ key: Int) {
    values[key] = nil
  }

  package mutating func removeAll() {
    values = [:]
  }

  package static func size(of value: [UInt8]) -> Int {
    16 + (value.count + 15) / 16 * 16
  }
}

/// One thing that a workload does to a store. Keys are `0 ..< 192`.
package enum StoreOperation: Sendable {
  case write(Int, [UInt8])
  case remove(Int)
  case removeAll
}

extension FlashStoreModel {
  /// - Returns: whether the store should do it, rather than say that it is full.
  package mutating func perform(_ operation: StoreOperation) -> Bool {
    switch operation {
    case .write(let key, let value): return write(key, value)
    case .remove(let key): remove(key)
    case .removeAll: removeAll()
    }
    return true
  }
}
