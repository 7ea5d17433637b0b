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

  /// The chaining value before the first block.
  @inline(never)
  init(startOf algorithm: HashAlgorithm) {
    switch algorithm {
    case .sha1: self.init(SHA1.initialState, of: SHA1.self)
    case .sha256: self.init(SHA256.initialState, of: SHA256.self)
    case .sha512: self.init(SHA512.initialState, of: SHA512.self)
    }
  }

  /// The chaining value after HMAC's block of `key`, which is no longer than one, and `pad`.
  @inline(never)
  init(afterKey key: Span<UInt8>, with pad: UInt8, of algorithm: HashAlgorithm) {
    var hash = RuntimeHash(algorithm)
    hash.update(padded: key, with: pad)
    self.init(copying: hash.state)
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

  /// As above, for an algorithm that is named when the program runs.
  init(_ secret: Span<UInt8>, of algorithm: HashAlgorithm) {
    guard secret.count > algorithm.blockSize else {
      self.init(key: secret, of: algorithm)
      return
    }
    var hash = RuntimeHash(algorithm)
    hash.update(secret)
    var digest = InlineArray<64, UInt8>(repeating: 0)
    var output = digest.mutableSpan
    let size = hash.finish(into: &output)
    self.init(key: digest.span.extracting(0..<size), of: algorithm)
    wipe(&digest)
  }

  /// - Precondition: `key` is no longer than a block.
  @inline(never)
  private init(key: Span<UInt8>, of algorithm: HashAlgorithm) {
    inner = Midstate(afterKey: key, with: 0x36, of: algorithm)
    outer = Midstate(afterKey: key, with: 0x5c, of: algorithm)
  }
}
