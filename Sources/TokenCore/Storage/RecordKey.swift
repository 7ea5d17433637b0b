/// Names a record of the store. Keys are few and dense, so that the index is one fixed table.
public struct RecordKey: Hashable, Sendable {
  /// `0 ..< 200`.
  public let rawValue: UInt8

  /// How many keys there are.
  public static let count = 200

  init(_ rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The credential in slot `slot`, `0 ..< 64`.
  public static func credential(_ slot: Int) -> RecordKey { RecordKey(UInt8(slot)) }

  /// The HOTP counter of the credential in slot `slot`, `0 ..< 64`.
  public static func counter(_ slot: Int) -> RecordKey { RecordKey(UInt8(64 + slot)) }

  /// The recovery codes of the credential in slot `slot`, `0 ..< 64`.
  public static func recoveryCodes(_ slot: Int) -> RecordKey { RecordKey(UInt8(128 + slot)) }

  /// YKOATH's access key.
  public static let accessKey = RecordKey(192)

  /// What the timekeeper has to remember over a restart.
  public static let clock = RecordKey(193)

  /// The device's identifier, renewed by RESET; the salt of the access key's derivation.
  public static let deviceIdentifier = RecordKey(194)

  /// What the user PIN is compared with.
  public static let pin = RecordKey(195)

  /// How many tries of the PIN are left.
  public static let pinTries = RecordKey(196)

  /// A time that the clock has had, for when its count is lost.
  public static let lastTime = RecordKey(197)

  /// There while setting the clock wipes the token.
  public static let clockPolicy = RecordKey(198)

  /// The time before which the clock is not set, since it was lost once.
  public static let timeFloor = RecordKey(199)
}
