/// A credential's secret, made ready for HMAC with the algorithm that the credential names.
///
/// It holds the two midstates (as `HMAC.Key` does) and not the secret, in 128 bytes for all three
/// algorithms, and wipes them when its life ends. Make it where it is to stay: moving it, as into
/// an array that grows, may leave bytes behind that nobody wipes.
public struct OATHKey: ~Copyable, Sendable {
  public let algorithm: HashAlgorithm
  private let midstates: Midstates

  /// - Parameter secret: of any length; RFC 4226 asks for 16 bytes or more. The caller wipes it.
  @inline(never)
  public init(algorithm: HashAlgorithm, secret: Span<UInt8>) {
    self.algorithm = algorithm
    midstates = Midstates(secret, of: algorithm)
  }

  /// HMAC of a message of any length.
  ///
  /// - Precondition: `code` holds at least 64 bytes, whatever the algorithm.
  /// - Returns: how many bytes were written: the algorithm's `digestSize`.
  @discardableResult
  public func authenticationCode(
    of message: Span<UInt8>, into code: inout MutableSpan<UInt8>
  ) -> Int {
    authenticationCode(of: message, Span(), into: &code)
  }

  /// HMAC of a message that lies in two parts.
  ///
  /// - Precondition: `code` holds at least 64 bytes, whatever the algorithm.
  /// - Returns: how many bytes were written: the algorithm's `digestSize`.
  @inline(never)
  public func authenticationCode(
    of start: Span<UInt8>, _ rest: Span<UInt8>, into code: inout MutableSpan<UInt8>
  ) -> Int {
    precondition(code.count >= HashAlgorithm.largestDigestSize, "a code takes up to 64 bytes")
    var hash = RuntimeHash(algorithm, from: midstates.inner)
    hash.update(start)
    hash.update(rest)
    let size = hash.finish(into: &code)
    hash = RuntimeHash(algorithm, from: midstates.outer)
    hash.update(code.span.extracting(0..<size))
    return hash.finish(into: &code)
  }

  /// RFC 4226, 5.3: HMAC of the counter, and 31 bits of it.
  func truncation(of counter: UInt64) -> Truncation {
    switch algorithm {
    case .sha1: Truncation(of: HMAC<SHA1>.code(of: counter, under: midstates), from: SHA1.self)
    case .sha256:
      Truncation(of: HMAC<SHA256>.code(of: counter, under: midstates), from: SHA256.self)
    case .sha512:
      Truncation(of: HMAC<SHA512>.code(of: counter, under: midstates), from: SHA512.self)
    }
  }
}
