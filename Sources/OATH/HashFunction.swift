/// One of the hash functions of FIPS 180-4: sixteen words a block, at most eight words of state.
///
/// A conforming type says what is its own: its word, its initial state and its compression
/// function. Taking bytes in pieces, padding and writing the digest are the same for all
/// and come from the extension below.
///
///     var hash = SHA256()
///     hash.update(first)
///     hash.update(second)
///     hash.finalize(into: &digest)
public protocol HashFunction: BitwiseCopyable, Sendable {
  /// 32 bits in SHA-1 and SHA-256, 64 bits in SHA-512.
  associatedtype Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable & Sendable

  /// The chaining value. A function with a shorter one (SHA-1: five words) leaves the rest zero.
  typealias State = InlineArray<8, Word>

  /// The message block that the compression function takes, as big-endian words.
  typealias Block = InlineArray<16, Word>

  static var algorithm: HashAlgorithm { get }

  /// The chaining value before the first block.
  static var initialState: State { get }

  /// Mixes one block into the chaining value.
  static func compress(_ block: borrowing Block, into state: inout State)

  /// What was taken in so far.
  var progress: HashProgress<Word> { get set }

  /// A hash of nothing yet.
  init()
}

/// How far a hash has come: the chaining value, and the bytes that wait for their block to fill.
public struct HashProgress<Word>: BitwiseCopyable, Sendable
where Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable & Sendable {
  /// The chaining value after the last full block.
  @usableFromInline var state: InlineArray<8, Word>
  /// The block being filled, big-endian; the bytes not yet taken are zero.
  @usableFromInline var block = InlineArray<16, Word>(repeating: 0)
  /// Bytes taken so far, those of the unfinished block included.
  @usableFromInline var count: UInt64

  @inlinable init(state: InlineArray<8, Word>, count: UInt64 = 0) {
    self.state = state
    self.count = count
  }
}

extension HashFunction {
  /// Bytes in a word: 4 or 8.
  @inlinable static var wordSize: Int { Word.bitWidth / 8 }

  /// Words in a digest: 5, 8 or 8.
  @inlinable static var digestWords: Int { digestSize / wordSize }

  /// Bytes in a block: 64 or 128.
  @inlinable public static var blockSize: Int { 16 * wordSize }

  /// Bytes in a digest: 20, 32 or 64.
  @inlinable public static var digestSize: Int { algorithm.digestSize }

  /// Takes in more of the message, in pieces of any size. The whole message is below 2^61 bytes.
  @inlinable public mutating func update(_ bytes: Span<UInt8>) {
    var position = 0
    while position < bytes.count {
      let filled = Int(truncatingIfNeeded: progress.count) & (Self.blockSize - 1)
      if filled == 0, bytes.count - position >= Self.blockSize {
        progress.block = Self.block(bytes, from: position)
        position += Self.blockSize
        progress.count += UInt64(Self.blockSize)
        compressBlock()
      } else {
        put(bytes[position], at: filled)
        position += 1
        progress.count += 1
        if filled == Self.blockSize - 1 { compressBlock() }
      }
    }
  }

  /// Ends the hash and writes its digest to the first `digestSize` bytes of `digest`.
  ///
  /// - Precondition: `digest` holds at least `digestSize` bytes.
  /// - Returns: `digestSize`.
  @inlinable @discardableResult
  public mutating func finalize(into digest: inout MutableSpan<UInt8>) -> Int {
    let state = finish()
    return Self.write(state, into: &digest)
  }

  /// The hash of one message that is at hand as a whole.
  @inlinable @discardableResult
  public static func hash(_ message: Span<UInt8>, into digest: inout MutableSpan<UInt8>) -> Int {
    var hash = Self()
    hash.update(message)
    return hash.finalize(into: &digest)
  }

  // MARK: Steps

  /// Pads (FIPS 180-4, 5.1): a one bit, zeros, and the length in bits in the last two words.
  @inlinable mutating func finish() -> State {
    let count = progress.count
    let filled = Int(truncatingIfNeeded: count) & (Self.blockSize - 1)
    put(0x80, at: filled)
    if filled >= Self.blockSize - 2 * Self.wordSize { compressBlock() }
    if Word.bitWidth == 32 {
      progress.block[14] = Word(truncatingIfNeeded: count >> 29)
    } else {
      progress.block[14] = Word(truncatingIfNeeded: count >> 61)
    }
    progress.block[15] = Word(truncatingIfNeeded: count << 3)
    compressBlock()
    return progress.state
  }

  @inlinable mutating func compressBlock() {
    Self.compress(progress.block, into: &progress.state)
    progress.block = Block(repeating: 0)
  }

  /// Sets one byte of the unfinished block; it was zero.
  @inlinable mutating func put(_ byte: UInt8, at offset: Int) {
    let shift = Word.bitWidth - 8 - 8 * (offset & (Self.wordSize - 1))
    progress.block[offset / Self.wordSize] |= Word(byte) &<< Word(truncatingIfNeeded: shift)
  }

  /// The block that starts at `offset`; bytes beyond the end of the message count as zero.
  @inlinable static func block(_ bytes: Span<UInt8>, from offset: Int) -> Block {
    var block = Block(repeating: 0)
    for i in 0..<16 {
      let position = offset + i * wordSize
      if position + wordSize <= bytes.count {
        block[i] = Word(
          bigEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: Word.self))
      } else {
        for j in 0..<wordSize where position + j < bytes.count {
          block[i] |= Word(bytes[position + j]) << (Word.bitWidth - 8 - 8 * j)
        }
      }
    }
    return block
  }

  /// The words of the chaining value as bytes, most significant first, cut to the digest's size.
  @inlinable static func write(_ state: State, into digest: inout MutableSpan<UInt8>) -> Int {
    precondition(digest.count >= digestSize, "a digest does not fit")
    for i in 0..<digestSize { digest[i] = byte(i, of: state) }
    return digestSize
  }

  /// One byte of the digest that a chaining value is, 0 being the most significant.
  @inlinable static func byte(_ index: Int, of state: borrowing State) -> UInt8 {
    let shift = Word.bitWidth - 8 - 8 * (index & (wordSize - 1))
    return UInt8(
      truncatingIfNeeded: state[index / wordSize] &>> Word(truncatingIfNeeded: shift))
  }
}
