/// The hash functions that RFC 6238 (section 1.2) allows under HMAC.
///
/// The raw values are the numbers of the YKOATH protocol (low nibble of its type byte).
public enum HashAlgorithm: UInt8, CaseIterable, Sendable {
  case sha1 = 1
  case sha256 = 2
  case sha512 = 3

  /// Bytes in a digest: 20, 32 or 64.
  @inlinable public var digestSize: Int {
    switch self {
    case .sha1: 20
    case .sha256: 32
    case .sha512: 64
    }
  }

  /// Bytes in a block of the compression function: 64, 64 or 128. HMAC hashes a longer key first.
  @inlinable public var blockSize: Int {
    switch self {
    case .sha1, .sha256: 64
    case .sha512: 128
    }
  }

  /// The digest size of the largest algorithm, for buffers that must hold any of them.
  public static let largestDigestSize = 64
}
