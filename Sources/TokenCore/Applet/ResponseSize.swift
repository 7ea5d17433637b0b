import OATH

/// The largest responses of the applet, in bytes behind the status word, derived from its limits.
///
/// Every command's response but CALCULATE ALL's fits a message of 7,609 bytes whatever is stored. That
/// one is computed in parts.
public enum ResponseSize {
  /// A field's tag and length.
  static var fieldHeader: Int { 2 }

  /// `time` and `bound`.
  static var time: Int { 2 * (fieldHeader + 8) }

  /// One credential in LIST: kind, name, the byte that says what it needs.
  static var listEntry: Int { fieldHeader + 1 + AppletLimits.nameSize + 1 }

  /// One credential in CALCULATE ALL: its name; digits and a full HMAC.
  static var calculateAllEntry: Int {
    fieldHeader + AppletLimits.nameSize + fieldHeader + 1 + HashAlgorithm.largestDigestSize
  }

  /// LIST of a full token: 64 × 68 = 4,352.
  public static var list: Int { AppletLimits.credentials * listEntry }

  /// CALCULATE ALL of a full token, with full HMACs: 64 × 133 + 20 = 8,532, more than a message has.
  public static var calculateAll: Int { AppletLimits.credentials * calculateAllEntry + time }
}
