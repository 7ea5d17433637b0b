/// The tags of the applet's tag-length-value fields. `0x71 ... 0x7C` are YKOATH's,
/// `0x80 ... 0x82` those of the PIN, `0xD0` on the token's own. Numbers are big-endian.
public enum Tag: UInt8, Sendable {
  /// A credential's name, `1 ... 64` bytes.
  case name = 0x71
  /// One byte `type | algorithm`, then a name (in LIST).
  case nameList = 0x72
  /// `type | algorithm`, digits, key (in PUT and STAGE); `type | algorithm`, key (in SET CODE).
  case key = 0x73
  /// A TOTP step, 8 bytes, or none for the token's own; or a nonce, 8 bytes.
  case challenge = 0x74
  /// A full HMAC.
  case response = 0x75
  /// Digits, then the truncated value, 4 bytes.
  case truncatedResponse = 0x76
  /// An HOTP credential, whose code CALCULATE ALL does not compute: digits.
  case noResponse = 0x77
  /// One byte of `CredentialProperties`, *without* a length byte (in PUT and STAGE).
  case property = 0x78
  /// The version, 3 bytes (in SELECT).
  case version = 0x79
  /// HOTP's first moving factor, 4 bytes.
  case counter = 0x7A
  /// The algorithm of the access key, 1 byte (in SELECT).
  case algorithm = 0x7B
  /// A credential that wants a touch, whose code CALCULATE ALL does not compute: digits.
  case touch = 0x7C

  /// The user PIN, `4 ... 64` bytes.
  case pin = 0x80
  /// The PIN that is to take its place, `4 ... 64` bytes; or none.
  case newPIN = 0x81
  /// Tries of the PIN that are left, 1 byte, `0 ... 8`; absent without a PIN.
  case pinTries = 0x82

  /// A point in time: microseconds since 1970, 8 bytes, signed.
  case time = 0xD0
  /// How far off a time may be, either way: microseconds, 8 bytes.
  case bound = 0xD1
  /// `ClockState`, 1 byte.
  case clockState = 0xD2
  /// The correction that a sync may still make without authentication: microseconds, 8 bytes.
  case allowance = 0xD3
  /// The last correction's time: microseconds since 1970, 8 bytes.
  case lastSync = 0xD4
  /// Frequency error in parts per billion, 4 bytes, signed.
  case frequency = 0xD5
  /// `SyncOutcome`, 1 byte.
  case syncOutcome = 0xD6
  /// A command's own proof: the full HMAC under the access key over its instruction, the nonce of
  /// NONCE and the data field up to this field.
  case proof = 0xD7
  /// A recovery code, `1 ... 24` bytes of printable ASCII.
  case recoveryCode = 0xD8
  /// Recovery codes not yet used, then all that were stored, a byte each.
  case recoveryCount = 0xD9
  /// `Body`, 1 byte.
  case body = 0xDA
  /// The serial number, 8 bytes.
  case serialNumber = 0xDB
  /// Credentials stored, then the most that fit, a byte each.
  case capacity = 0xDC
  /// Whether an access key is set, 1 byte, 0 or 1.
  case accessKeySet = 0xDD
  /// The name of the credential with a staged update; absent if none.
  case staged = 0xDE
  /// `ClockPolicy`, 1 byte.
  case clockPolicy = 0xDF
}
