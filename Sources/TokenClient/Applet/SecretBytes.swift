import OATH

/// Bytes that are overwritten when nothing refers to them any longer: keys, passwords, recovery
/// codes, and the requests that carry them. They never move, so that no copy stays behind.
public final class SecretBytes: @unchecked Sendable {
  // Unchecked, because a pointer is not Sendable. The bytes change only while `append` builds
  // them, which is this module's, before anyone else sees the object.

  private let storage: UnsafeMutableBufferPointer<UInt8>
  public private(set) var count = 0

  /// Copies `bytes`; whoever has them wipes them.
  public convenience init(_ bytes: Span<UInt8>) {
    self.init(capacity: bytes.count)
    append(bytes)
  }

  /// Takes bytes over from an array, which is wiped and emptied. It has to be the only one that
  /// refers to its storage (see `wipe`).
  public convenience init(taking bytes: inout [UInt8]) {
    self.init(capacity: bytes.count)
    append(bytes.span)
    wipe(&bytes)
    bytes.removeAll()
  }

  /// Empty, with room for `capacity` bytes.
  init(capacity: Int) {
    storage = .allocate(capacity: capacity)
    storage.initialize(repeating: 0)
  }

  deinit {
    var bytes = storage.mutableSpan
    wipe(&bytes)
    storage.deallocate()
  }

  /// Lends the bytes to `body`.
  public func withBytes<Result, Failure>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeBufferPointer(storage).span.extracting(0..<count))
  }

  subscript(index: Int) -> UInt8 {
    precondition((0..<count).contains(index))
    return storage[index]
  }

  /// The bytes as text. The text is a copy that nobody wipes: make it where it is shown.
  public var text: String {
    String(decoding: UnsafeBufferPointer(rebasing: storage[..<count]), as: UTF8.self)
  }

  // MARK: Building

  func append(_ byte: UInt8) {
    precondition(count < storage.count, "the capacity was given when the bytes were made")
    storage[count] = byte
    count += 1
  }

  func append(_ bytes: Span<UInt8>) {
    for index in bytes.indices { append(bytes[index]) }
  }

  func append(_ bytes: SecretBytes) {
    bytes.withBytes { append($0) }
  }
}
