import PowerCuts

@testable import TokenCore

/// A mounted store over its flash.
struct MountedStore: ~Copyable {
  var flash: NORFlash
  private var store = RecordStore()

  init(_ flash: NORFlash) throws(StorageFailure) {
    self.flash = flash
    try store.mount(&self.flash)
  }

  /// The flash once the store is gone, its power back.
  consuming func powerCycled() -> NORFlash {
    var flash = self.flash
    flash.powerUp()
    return flash
  }

  mutating func perform(_ operation: StoreOperation) throws(StorageFailure) {
    switch operation {
    case .write(let key, let value):
      try store.write(RecordKey(UInt8(key)), value.span, to: &flash)
    case .remove(let key):
      try store.remove(RecordKey(UInt8(key)), from: &flash)
    case .removeAll:
      try store.removeAll(from: &flash)
    }
  }

  /// The address of the next record.
  var end: Int { store.end }

  func contains(_ key: Int) -> Bool {
    store.contains(RecordKey(UInt8(key)))
  }

  mutating func read(_ key: Int) throws(StorageFailure) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: RecordStore.valueSize)
    var bytes = buffer.mutableSpan
    guard let length = try store.read(RecordKey(UInt8(key)), from: &flash, into: &bytes) else {
      return nil
    }
    return Array(buffer.prefix(length))
  }

  /// All that the store in `flash` contains once mounted.
  static func values(in flash: NORFlash) throws(StorageFailure) -> [Int: [UInt8]] {
    var store = try MountedStore(flash)
    return try store.values()
  }

  /// All that the store contains.
  mutating func values() throws(StorageFailure) -> [Int: [UInt8]] {
    var values: [Int: [UInt8]] = [:]
    for key in 0..<RecordKey.count where contains(key) {
      values[key] = try read(key)
    }
    return values
  }
}

extension NORFlash {
  /// The flash after a mount of it was cut.
  func cuttingMount(after cut: Int, seed: UInt64, tear: Tear? = nil) -> NORFlash {
    var flash = self
    flash.cutPower(after: cut, seed: seed)
    flash.tear = tear
    var store = RecordStore()
    try? store.mount(&flash)
    flash.powerUp()
    return flash
  }
}
