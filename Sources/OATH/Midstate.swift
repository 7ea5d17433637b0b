/// The chaining value of a hash after a block that held a key: worth as much as the key.
///
/// A value of Swift has no address of its own: passing it on, or ending its life, may move it and
/// leave its bytes behind. A type of raw layout keeps its address while it is borrowed, and its
/// `deinit` runs there, so that what is wiped is the only copy there is.
@usableFromInline
@_rawLayout(size: 64, alignment: 8)
struct Midstate: ~Copyable, @unchecked Sendable {
  /// Takes over what `state` holds: eight words of 32 or 64 bits. The caller wipes `state`.
  @inlinable
  init<H: HashFunction>(_ state: borrowing H.State, of hash: H.Type) {
    let words = address.bindMemory(to: H.Word.self, capacity: 8)
    for i in 0..<8 { (words + i).initialize(to: state[i]) }
  }

  /// Takes over another one's words.
  @inlinable
  init(copying other: borrowing Midstate) {
    address.copyMemory(from: other.address, byteCount: 64)
  }

  @inlinable
  deinit {
    wipe(UnsafeMutableRawBufferPointer(start: address, count: 64))
  }

  /// The chaining value, to go on hashing from.
  @inlinable @inline(__always)
  func state<H: HashFunction>(of hash: H.Type) -> H.State {
    let words = address.assumingMemoryBound(to: H.Word.self)
    return H.State { words[$0] }
  }

  /// Where the words lie; the same for as long as the midstate is neither moved nor ended.
  @inlinable @inline(__always)
  var address: UnsafeMutableRawPointer {
    withUnsafePointer(to: self) { UnsafeMutableRawPointer(mutating: $0) }
  }
}

/// The two midstates that HMAC makes of a key, for any of the hashes.
@usableFromInline
struct Midstates: ~Copyable, Sendable {
  /// After the block of key and 0x36.
  @usableFromInline let inner: Midstate
  /// After the block of key and 0x5c.
  @usableFromInline let outer: Midstate

  @inlinable
  init<H: HashFunction>(_ secret: Span<UInt8>, of hash: H.Type) {
    var pads = HMAC<H>.pads(secret)
    inner = Midstate(pads.inner, of: hash)
    outer = Midstate(pads.outer, of: hash)
    wipe(&pads)
  }
}
