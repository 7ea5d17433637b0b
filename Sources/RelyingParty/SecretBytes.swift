import Glibc
import OATH

/// Bytes of a secret, in memory of their own that is wiped when nobody holds them any more.
/// They never change, so that any thread may read them.
final class SecretBytes: @unchecked Sendable {
  private let buffer: UnsafeMutableBufferPointer<UInt8>

  init(_ bytes: some Collection<UInt8>) {
    buffer = .allocate(capacity: bytes.count)
    _ = buffer.initialize(from: bytes)
  }

  deinit {
    if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
    buffer.deallocate()
  }

  var isEmpty: Bool { buffer.isEmpty }

  /// The key that these bytes are the secret of.
  func key(_ algorithm: HashAlgorithm) -> OATHKey {
    OATHKey(algorithm: algorithm, secret: UnsafeBufferPointer(buffer).span)
  }

  /// The bytes, for what lives as long as the program anyway or is shown to a person.
  var copy: [UInt8] { Array(buffer) }

  /// Lends the bytes for the length of a call.
  func withBytes<T>(_ body: (UnsafeBufferPointer<UInt8>) -> T) -> T {
    body(UnsafeBufferPointer(buffer))
  }
}
