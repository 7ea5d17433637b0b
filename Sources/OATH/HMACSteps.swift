// The steps of HMAC on whole blocks of words. All that this project computes often (a code's
// eight-byte counter, the rounds of PBKDF2) fits one block, and never becomes bytes in between.

extension HMAC {
  /// The states of both hashes after the key's block.
  @usableFromInline
  struct Pads: BitwiseCopyable {
    @usableFromInline var inner: H.State
    @usableFromInline var outer: H.State

    @inlinable init(inner: H.State, outer: H.State) {
      self.inner = inner
      self.outer = outer
    }
  }

  @inlinable static func pads(_ secret: Span<UInt8>) -> Pads {
    var key = keyBlock(secret)
    var pads = Pads(inner: H.initialState, outer: H.initialState)
    // 1 in every byte of a word.
    let ones = H.Word.max / 0xff
    for i in 0..<16 { key[i] ^= 0x36 * ones }
    H.compress(key, into: &pads.inner)
    for i in 0..<16 { key[i] ^= (0x36 ^ 0x5c) * ones }
    H.compress(key, into: &pads.outer)
    wipe(&key)
    return pads
  }

  /// The key as a block: padded with zeros, or its hash if it is longer than one.
  @inlinable static func keyBlock(_ secret: Span<UInt8>) -> H.Block {
    if secret.count <= H.blockSize { return H.block(secret, from: 0) }
    var hash = H()
    hash.update(secret)
    var digest = hash.finish()
    wipe(&hash)
    var block = H.Block(repeating: 0)
    for i in 0..<H.digestWords { block[i] = digest[i] }
    wipe(&digest)
    return block
  }

  /// The code of an eight-byte message, big-endian: RFC 4226's counter.
  @inline(__always)
  static func code(of counter: UInt64, under key: borrowing Midstates) -> H.State {
    var block = H.Block(repeating: 0)
    if H.Word.bitWidth == 64 {
      block[0] = H.Word(truncatingIfNeeded: counter)
    } else {
      block[0] = H.Word(truncatingIfNeeded: counter &>> 32)
      block[1] = H.Word(truncatingIfNeeded: counter)
    }
    block[64 / H.Word.bitWidth] = 1 &<< H.Word(H.Word.bitWidth - 1)
    block[15] = H.Word(truncatingIfNeeded: 8 * (H.blockSize + 8))
    var state = key.inner.state(of: H.self)
    H.compress(block, into: &state)
    return close(state, over: key.outer)
  }

  /// The code of a message that is itself a digest.
  @inlinable
  static func code(of digest: borrowing H.State, under key: borrowing Midstates) -> H.State {
    close(close(digest, over: key.inner), over: key.outer)
  }

  /// The hash that stands at `midstate`, one block in, ended with a digest as its message.
  @inlinable @inline(__always)
  static func close(_ digest: borrowing H.State, over midstate: borrowing Midstate) -> H.State {
    var block = H.Block(repeating: 0)
    for i in 0..<H.digestWords { block[i] = digest[i] }
    block[H.digestWords] = 1 &<< H.Word(H.Word.bitWidth - 1)
    block[15] = H.Word(truncatingIfNeeded: 8 * (H.blockSize + H.digestSize))
    var state = midstate.state(of: H.self)
    H.compress(block, into: &state)
    return state
  }
}
