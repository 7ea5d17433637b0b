import OATH
import TokenCore

/// What a token says about one of its credentials (LIST).
public struct Credential: Equatable, Sendable {
  public let name: Credential.Name
  public let kind: CredentialKind
  public let properties: CredentialProperties

  public init(name: Credential.Name, kind: CredentialKind, properties: CredentialProperties) {
    self.name = name
    self.kind = kind
    self.properties = properties
  }

  /// Whether every code takes a press of the button.
  public var needsTouch: Bool { properties.contains(.touch) }
}

/// A credential to be put on a token.
public struct NewCredential: Sendable {
  public let name: Credential.Name
  public let algorithm: HashAlgorithm
  public let digits: Digits
  public let properties: CredentialProperties
  /// HOTP's first moving factor; 0 for TOTP.
  public let counter: UInt32
  /// As YKOATH hosts hand it over: at most a block of the hash, 64 bytes or SHA-512's 128.
  let key: SecretBytes

  /// Shortest key on the wire: shorter ones are filled up with zeros, which HMAC does not see.
  private static let shortestKey = 14

  /// - Parameters:
  ///   - secret: what the site issued, decoded. One longer than the hash's block is hashed, which
  ///     HMAC would do as well.
  ///   - counter: for HOTP, up to 2^32 − 1.
  public init(
    name: Credential.Name, algorithm: HashAlgorithm = .sha1, digits: Digits = .six,
    secret: SecretBytes, properties: CredentialProperties = [], counter: UInt64 = 0
  ) throws(TokenFailure) {
    guard let counter = UInt32(exactly: counter) else { throw .input(.counterTooLarge(counter)) }
    self.name = name
    self.algorithm = algorithm
    self.digits = digits
    self.properties = properties
    self.counter = counter
    key = try Self.key(from: secret, algorithm: algorithm)
  }

  /// The same credential after that many of its codes were computed. Only a counter notices.
  public func advanced(by codes: UInt32) -> NewCredential {
    guard name.period == nil else { return self }
    return NewCredential(self, key: key, counter: counter &+ codes)
  }

  /// The same with another key, of as many bytes.
  func withKey(_ key: SecretBytes) -> NewCredential {
    NewCredential(self, key: key, counter: counter)
  }

  private init(_ other: NewCredential, key: SecretBytes, counter: UInt32) {
    (name, algorithm, digits) = (other.name, other.algorithm, other.digits)
    (properties, self.key) = (other.properties, key)
    self.counter = counter
  }

  public var kind: CredentialKind {
    CredentialKind(type: name.period == nil ? .hotp : .totp, algorithm: algorithm)
  }

  private static func key(
    from secret: SecretBytes, algorithm: HashAlgorithm
  ) throws(TokenFailure) -> SecretBytes {
    guard secret.count > 0 else { throw .input(.keyEmpty) }
    if secret.count > AppletLimits.keySize(for: algorithm) { return digest(of: secret, algorithm) }
    let key = SecretBytes(capacity: max(secret.count, shortestKey))
    key.append(secret)
    while key.count < shortestKey { key.append(0) }
    return key
  }

  private static func digest(of secret: SecretBytes, _ algorithm: HashAlgorithm) -> SecretBytes {
    var digest = InlineArray<64, UInt8>(repeating: 0)
    defer { wipe(&digest) }
    return secret.withBytes { bytes in
      var output = digest.mutableSpan
      let size =
        switch algorithm {
        case .sha1: SHA1.hash(bytes, into: &output)
        case .sha256: SHA256.hash(bytes, into: &output)
        case .sha512: SHA512.hash(bytes, into: &output)
        }
      return SecretBytes(output.span.extracting(0..<size))
    }
  }
}
