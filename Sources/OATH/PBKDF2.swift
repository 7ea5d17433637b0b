/// PBKDF2 (RFC 8018, 5.2) with HMAC: a key from a password. YKOATH's access key is made by
/// `PBKDF2<SHA1>` with 1000 iterations and 16 bytes.
public enum PBKDF2<H: HashFunction> {
  /// Fills `output` with key material.
  ///
  /// - Parameters:
  ///   - password: of any length.
  ///   - salt: of any length.
  ///   - iterations: 1 or more; the time is two compressions each, per `H.digestSize` bytes.
  ///   - output: of any length below `H.digestSize` times 2^32.
  @inlinable
  public static func derive(
    password: Span<UInt8>, salt: Span<UInt8>, iterations: Int,
    into output: inout MutableSpan<UInt8>
  ) {
    precondition(iterations >= 1, "PBKDF2 takes 1 iteration or more")
    let key = HMAC<H>.Key(password)
    var position = 0
    var index: UInt32 = 1
    while position < output.count {
      var block = block(index, key: key, salt: salt, iterations: iterations)
      for i in 0..<min(H.digestSize, output.count - position) {
        output[position + i] = H.byte(i, of: block)
      }
      wipe(&block)
      position += H.digestSize
      index += 1
    }
  }

  /// The function F of the RFC: the exclusive or of all the iterations.
  @inlinable
  static func block(
    _ index: UInt32, key: borrowing HMAC<H>.Key, salt: Span<UInt8>, iterations: Int
  ) -> H.State {
    let number: InlineArray<4, UInt8> = [
      UInt8(truncatingIfNeeded: index >> 24), UInt8(truncatingIfNeeded: index >> 16),
      UInt8(truncatingIfNeeded: index >> 8), UInt8(truncatingIfNeeded: index),
    ]
    var first = HMAC<H>(key: key)
    first.update(salt)
    first.update(number.span)
    var code = first.finish()
    var sum = code
    for _ in 1..<iterations {
      code = HMAC<H>.code(of: code, under: key.midstates)
      for i in 0..<8 { sum[i] ^= code[i] }
    }
    wipe(&code)
    return sum
  }
}
