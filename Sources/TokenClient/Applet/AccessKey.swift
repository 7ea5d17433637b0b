import OATH
import TokenCore

/// The eight bytes that name a token to YKOATH clients; RESET renews them.
public struct DeviceIdentifier: Hashable, Sendable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// Sixteen hexadecimal digits.
  public var text: String { SerialNumber(rawValue: rawValue).text }
}

/// A token's access key: what a host has to know before the token talks about its credentials.
///
/// Made from a password as other YKOATH hosts do, so that theirs open what this one locked:
/// PBKDF2 with HMAC-SHA-1, 1000 rounds, the device identifier as the salt, 16 bytes.
public final class AccessKey: Sendable {
  public static let size = 16
  static let rounds = 1000
  static let kind = CredentialKind(type: .totp, algorithm: .sha1)

  let bytes: SecretBytes

  /// - Parameter password: UTF-8; whoever has it wipes it.
  public init(password: SecretBytes, for device: DeviceIdentifier) throws(TokenFailure) {
    guard password.count > 0 else { throw .input(.passwordEmpty) }
    var key = InlineArray<16, UInt8>(repeating: 0)
    defer { wipe(&key) }
    let salt = bigEndian(Int64(bitPattern: device.rawValue))
    password.withBytes { password in
      var output = key.mutableSpan
      PBKDF2<SHA1>.derive(
        password: password, salt: salt.span, iterations: Self.rounds, into: &output)
    }
    bytes = SecretBytes(key.span)
  }

  /// HMAC under the key: how either side proves that it knows it.
  func response(to challenge: [UInt8]) -> [UInt8] {
    response(to: challenge.span)
  }

  /// As `response(to:)`, over bytes that are wiped.
  func response(to message: SecretBytes) -> [UInt8] {
    message.withBytes { response(to: $0) }
  }

  private func response(to message: Span<UInt8>) -> [UInt8] {
    bytes.withBytes { secret in
      let key = OATHKey(algorithm: Self.kind.algorithm, secret: secret)
      var code = [UInt8](repeating: 0, count: HashAlgorithm.largestDigestSize)
      var output = code.mutableSpan
      let size = key.authenticationCode(of: message, into: &output)
      return Array(code.prefix(size))
    }
  }
}
