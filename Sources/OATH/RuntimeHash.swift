/// One of the three hash functions, named when the program runs.
///
/// It computes what `HashFunction` computes, with one piece of code for all three: the messages are bytes,
/// and only the compression functions differ. What has to be fast is specialised for its algorithm, as
/// `HMAC<SHA256>` is; what has to be small, as a firmware, uses this. What it holds is wiped at its end.
struct RuntimeHash: ~Copyable {
  let algorithm: HashAlgorithm
  /// The chaining value: eight words of 32 or 64 bits.
  let state: Midstate
  private let block = HashBlock()
  /// Bytes taken so far, those of the unfinished block included.
  private var count = 0

  /// A hash of nothing yet.
  init(_ algorithm: HashAlgorithm) {
    self.algorithm = algorithm
    state = Midstate(startOf: algorithm)
  }

  /// A hash that goes on from `midstate`, after one block.
  init(_ algorithm: HashAlgorithm, from midstate: borrowing Midstate) {
    self.algorithm = algorithm
    state = Midstate(copying: midstate)
    count = algorithm.blockSize
  }

  /// Takes in more of the message.
  @inline(never)
  mutating func update(_ bytes: Span<UInt8>) {
    for index in bytes.indices { put(bytes[index]) }
  }

  /// Takes in `key` as HMAC's key block: padded with zeros, every byte combined with `pad`.
  ///
  /// - Precondition: `key` is no longer than a block, and this is a hash of nothing yet.
  mutating func update(padded key: Span<UInt8>, with pad: UInt8) {
    let bytes = block.bytes
    for index in 0..<algorithm.blockSize {
      bytes[index] = index < key.count ? key[index] ^ pad : pad
    }
    count = algorithm.blockSize
    compress()
  }

  /// Ends the message (FIPS 180-4, 5.1) and writes its digest.
  ///
  /// - Precondition: `digest` holds at least `digestSize` bytes.
  /// - Returns: `digestSize`.
  mutating func finish(into digest: inout MutableSpan<UInt8>) -> Int {
    let bytes = block.bytes
    var end = filled
    bytes[end] = 0x80
    end += 1
    // The length has an eighth of a block; its last eight bytes hold that of any message here.
    if end > algorithm.blockSize / 8 * 7 {
      clear(from: end)
      compress()
      end = 0
    }
    clear(from: end)
    var bits = UInt64(count) << 3
    for index in 1...8 {
      bytes[algorithm.blockSize - index] = UInt8(truncatingIfNeeded: bits)
      bits >>= 8
    }
    compress()
    swapBytes(of: state.address, count: algorithm.digestSize)
    let words = state.address.assumingMemoryBound(to: UInt8.self)
    for index in 0..<algorithm.digestSize { digest[index] = words[index] }
    return algorithm.digestSize
  }

  /// Bytes in the unfinished block.
  private var filled: Int { count & (algorithm.blockSize - 1) }

  private mutating func put(_ byte: UInt8) {
    block.bytes[filled] = byte
    count += 1
    if filled == 0 { compress() }
  }

  /// Clears the block from `offset` on.
  private func clear(from offset: Int) {
    (block.bytes + offset).update(repeating: 0, count: algorithm.blockSize - offset)
  }

  @inline(never)
  private func compress() {
    swapBytes(of: block.address, count: algorithm.blockSize)
    switch algorithm {
    case .sha1: compress(with: SHA1.self)
    case .sha256: compress(with: SHA256.self)
    case .sha512: compress(with: SHA512.self)
    }
  }

  @inline(__always)
  private func compress<H: HashFunction>(with hash: H.Type) {
    H.compress(
      block.address.assumingMemoryBound(to: H.Block.self).pointee,
      into: &state.address.assumingMemoryBound(to: H.State.self).pointee)
  }

  /// Turns words into big-endian bytes, or such bytes into words.
  @inline(never)
  private func swapBytes(of words: UnsafeMutableRawPointer, count: Int) {
    if algorithm == .sha512 {
      for offset in stride(from: 0, to: count, by: 8) {
        let word = words.load(fromByteOffset: offset, as: UInt64.self)
        words.storeBytes(of: word.bigEndian, toByteOffset: offset, as: UInt64.self)
      }
    } else {
      for offset in stride(from: 0, to: count, by: 4) {
        let word = words.load(fromByteOffset: offset, as: UInt32.self)
        words.storeBytes(of: word.bigEndian, toByteOffset: offset, as: UInt32.self)
      }
    }
  }
}

/// A block that is being filled: 128 bytes, of which two of the functions use 64. Of raw layout for the
/// reason that `Midstate` is.
@_rawLayout(size: 128, alignment: 8)
struct HashBlock: ~Copyable, @unchecked Sendable {
  deinit {
    wipe(UnsafeMutableRawBufferPointer(start: address, count: 128))
  }

  @inline(__always)
  var address: UnsafeMutableRawPointer {
    withUnsafePointer(to: self) { UnsafeMutableRawPointer(mutating: $0) }
  }

  @inline(__always)
  var bytes: UnsafeMutablePointer<UInt8> { address.assumingMemoryBound(to: UInt8.self) }
}
