/// HMAC (RFC 2104, FIPS 198-1), apart from its key.
///
///     let key = HMAC<SHA256>.Key(secret)      // two compressions, once
///     var hmac = HMAC<SHA256>(key: key)       // as often as wanted
///     hmac.update(message)
///     hmac.finalize(into: &code)
public struct HMAC<H: HashFunction>: ~Copyable, Sendable {
  @usableFromInline var inner: H
  @usableFromInline let outer: Midstate

  /// A key, made ready: the states of the inner and the outer hash after the block that holds the
  /// key. With them a code for up to one block costs two compressions instead of four.
  /// Wiped when its life ends.
  public struct Key: ~Copyable, Sendable {
    @usableFromInline let midstates: Midstates

    /// - Parameter secret: of any length. One longer than a block is hashed first, as the RFC says.
    ///   The caller wipes it.
    @inlinable public init(_ secret: Span<UInt8>) {
      midstates = Midstates(secret, of: H.self)
    }
  }

  /// Starts a code under `key`.
  @inlinable public init(key: borrowing Key) {
    self.init(midstates: key.midstates)
  }

  @inlinable init(midstates: borrowing Midstates) {
    inner = H()
    inner.progress = HashProgress(
      state: midstates.inner.state(of: H.self), count: UInt64(H.blockSize))
    outer = Midstate(copying: midstates.outer)
  }

  /// Takes in more of the message.
  @inlinable public mutating func update(_ bytes: Span<UInt8>) { inner.update(bytes) }

  /// Ends the message and writes its code.
  ///
  /// - Precondition: `code` holds at least `H.digestSize` bytes.
  /// - Returns: `H.digestSize`.
  @inlinable @discardableResult
  public consuming func finalize(into code: inout MutableSpan<UInt8>) -> Int {
    H.write(finish(), into: &code)
  }

  @inlinable consuming func finish() -> H.State {
    let digest = inner.finish()
    wipe(&inner)
    return HMAC.close(digest, over: outer)
  }
}
