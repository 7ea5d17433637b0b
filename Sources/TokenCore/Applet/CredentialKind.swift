import OATH

/// YKOATH's `type` nibble: what moves the moving factor.
public enum CredentialType: UInt8, Sendable {
  case hotp = 0x10
  case totp = 0x20
}

/// YKOATH's `type | algorithm` byte.
public struct CredentialKind: Hashable, Sendable {
  public let type: CredentialType
  public let algorithm: HashAlgorithm

  public init(type: CredentialType, algorithm: HashAlgorithm) {
    self.type = type
    self.algorithm = algorithm
  }

  /// `nil` for a nibble that YKOATH does not name.
  public init?(rawValue: UInt8) {
    guard let type = CredentialType(rawValue: rawValue & 0xF0),
      let algorithm = HashAlgorithm(rawValue: rawValue & 0x0F)
    else { return nil }
    self.init(type: type, algorithm: algorithm)
  }

  public var rawValue: UInt8 { type.rawValue | algorithm.rawValue }
}

/// YKOATH's property byte.
public struct CredentialProperties: OptionSet, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// YKOATH's "only increasing". The token's steps only ever increase, so it changes nothing.
  public static let onlyIncreasing = CredentialProperties(rawValue: 0x01)
  /// Every code takes a press of the button.
  public static let touch = CredentialProperties(rawValue: 0x02)
}

/// The limits of the applet, in credentials and bytes.
public enum AppletLimits {
  public static let credentials = 64
  public static let nameSize = 64
  /// The longest key, that of SHA-512; see `keySize(for:)`.
  public static let keySize = 128
  /// The longest access key.
  public static let accessKeySize = 64
  public static let recoveryCodes = 16
  public static let recoveryCodeSize = 24
  public static let shortestPIN = 4
  public static let longestPIN = 64
  /// How often a PIN may be tried before it is blocked.
  public static let pinTries = 8
  /// The longest data field of a command APDU.
  public static let requestSize = 512
  /// A staged update that nobody commits is rolled back after this.
  public static let stagingTimeoutMilliseconds: UInt32 = 600_000
  /// A proof that nobody uses for this long ends.
  public static let idleProofMilliseconds: UInt32 = 60_000
  /// A proof ends this long after it was given, at the latest.
  public static let longestProofMilliseconds: UInt32 = 600_000
  /// A nonce for a command's own proof is good for this long.
  public static let nonceMilliseconds: UInt32 = 60_000
  /// YKOATH's application identifier, as far as most clients send it: A0 00 00 05 27 21 01.
  public static let applicationIdentifier: InlineArray<7, UInt8> = [
    0xA0, 0x00, 0x00, 0x05, 0x27, 0x21, 0x01,
  ]
  /// The eighth byte of the application identifier, which some clients send too.
  public static let applicationIdentifierEnd: UInt8 = 0x01

  /// YKOATH's version, from which clients conclude what the applet can do.
  public static let version: InlineArray<3, UInt8> = [5, 4, 3]
  /// Bytes of a nonce in SELECT, VALIDATE and NONCE.
  public static let nonceSize = 8
  /// The flag in P2 of the commands that compute codes by which a client asks for the token's own
  /// answer: with time and uncertainty, and with status words that say what is wrong with the clock.
  public static let ownAnswer: UInt8 = 0x80

  /// The longest key of a credential, in bytes: a block of the hash. HMAC hashes a longer one first
  /// (RFC 2104, section 2), and so does whoever provisions it.
  public static func keySize(for algorithm: HashAlgorithm) -> Int {
    switch algorithm {
    case .sha1, .sha256: 64
    case .sha512: 128
    }
  }
}
