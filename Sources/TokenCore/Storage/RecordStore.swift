/// What a token remembers: values by key, in a log in NOR flash.
///
/// Every change is atomic over a power cut at any flash operation, and values that were replaced or
/// removed are overwritten before the change returns. The layout of every byte, and why it holds,
/// is in Docs/storage.md.
///
/// The flash is passed to each operation, and has to be the one that was mounted; nobody else
/// changes it. RAM: a fixed table of 400 bytes and some 60 more; no buffer above 64 bytes on the
/// stack.
public struct RecordStore: ~Copyable {
  /// Bytes in the largest value.
  public static let valueSize = 480

  /// The place of each key's record.
  var index = RecordIndex()

  /// The measures of the mounted flash.
  var geometry = StoreGeometry.none

  /// Whether `mount` went well, so that the rest below is true.
  var isMounted = false

  /// The sector that records are appended to: the newest of the ring.
  var head = 0

  /// The sequence number of `head`.
  var headSequence: UInt32 = 0

  /// Sectors that count, `head` and those before it in the ring: `1 ... sectorCount - 1`.
  var used = 0

  /// The address of the next record.
  var end = 0

  /// Whether the sector after `head` is erased for certain. False only after an erasure failed.
  var isNextBlank = false

  /// The sequence number of the next record.
  var nextSequence: UInt32 = 1

  /// Bytes that live records take.
  var live = 0

  public init() {}

  /// Whether the key has a value.
  public func contains(_ key: RecordKey) -> Bool {
    index[Int(key.rawValue)] != nil
  }

  /// Copies the key's value to the start of `bytes`, which holds at least 480.
  ///
  /// - Returns: the value's length, `0 ... 480`; nil if the key has none.
  /// - Throws: `.failed` if the value is damaged; `bytes` must not be used then.
  public func read<F: Flash & ~Copyable>(
    _ key: RecordKey, from flash: inout F, into bytes: inout MutableSpan<UInt8>
  ) throws(StorageFailure) -> Int? {
    guard let address = index[Int(key.rawValue)] else { return nil }
    guard case .record(let header) = entry(at: address, in: &flash) else { throw .failed }
    flash.read(at: address + RecordHeader.size, count: header.length, into: &bytes)
    let body = bytes.span.extracting(0..<header.length)
    guard header.checksum(of: body) == header.checksum else { throw .failed }
    return header.length
  }

  /// Gives the key a value of `0 ... 480` bytes, in place of the one it had.
  ///
  /// Cut anywhere, the next mount finds either the old value or the new one. When this returns,
  /// the old one is overwritten.
  ///
  /// - Throws: `.full` if there is no room; nothing has changed then. `.failed` if the flash did not
  ///   take it; the old value is still there then, unless it was only the overwriting of the old
  ///   value that failed: then the new one is there.
  public mutating func write<F: Flash & ~Copyable>(
    _ key: RecordKey, _ value: Span<UInt8>, to flash: inout F
  ) throws(StorageFailure) {
    precondition(value.count <= Self.valueSize)
    try prepare(&flash)
    let size = RecordHeader.recordSize(forBody: value.count)
    let oldSize = try recordSize(of: key, in: &flash)
    guard live - oldSize + size <= geometry.capacity else { throw .full }

    try makeRoom(for: size, in: &flash)
    let sequence = nextSequence
    let address = try append(.value, key: key.rawValue, value, to: &flash)
    let isOldClear = forget(Int(key.rawValue), before: sequence, in: &flash)
    index[Int(key.rawValue)] = address
    live += size
    guard isOldClear else { throw .failed }
  }

  /// Takes the key's value away; without one, nothing happens.
  ///
  /// Cut anywhere, the next mount finds the value whole or gone. When this returns, it is
  /// overwritten.
  ///
  /// - Throws: `.failed` if the flash did not take the removal; the value is still there then, unless
  ///   it was only the overwriting that failed.
  public mutating func remove<F: Flash & ~Copyable>(
    _ key: RecordKey, from flash: inout F
  ) throws(StorageFailure) {
    guard contains(key) else { return }
    try prepare(&flash)
    try makeRoom(for: RecordHeader.size, in: &flash)
    let sequence = nextSequence
    let removal = try append(.removal, key: key.rawValue, Span(), to: &flash)
    guard forget(Int(key.rawValue), before: sequence, in: &flash),
      discard(at: removal, size: RecordHeader.size, in: &flash)
    else { throw .failed }
  }

  /// Takes every value away.
  ///
  /// First that this is to happen is made durable: cut after that, the next mount completes it; cut
  /// before, nothing has changed. When this returns, every value is overwritten.
  ///
  /// - Throws: `.failed` if the flash did not take it: either nothing has changed, or no key has a
  ///   value and the next mount tries to overwrite the rest.
  public mutating func removeAll<F: Flash & ~Copyable>(
    from flash: inout F
  ) throws(StorageFailure) {
    try prepare(&flash)
    try makeRoom(for: RecordHeader.size, in: &flash)
    let sequence = nextSequence
    let removal = try append(.removalOfAll, key: RecordHeader.noKey, Span(), to: &flash)
    guard forgetAll(before: sequence, in: &flash),
      discard(at: removal, size: RecordHeader.size, in: &flash)
    else { throw .failed }
  }
}
