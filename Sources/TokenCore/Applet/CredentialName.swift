import OATH

/// What a credential's name says beside the name: a TOTP period in front of it, as YKOATH clients
/// write it.
public enum CredentialName {
  /// The period of a name without a prefix, 30 s.
  public static let defaultPeriod = Seconds(30)
  /// The longest period, one day.
  public static let longestPeriod = Seconds(86_400)

  /// The period that `name` carries: `60/issuer:account` has 60 s. Anything that is not decimal
  /// digits without a leading zero, `1 ... 86_400`, before a slash with a name behind it, is part
  /// of the name.
  public static func period(of name: Span<UInt8>) -> Seconds {
    var period: UInt32 = 0
    var index = 0
    while index < name.count, index <= 5, case 0x30...0x39 = name[index] {
      period = period * 10 + UInt32(name[index] - 0x30)
      index += 1
    }
    guard index > 0, index + 1 < name.count, name[index] == 0x2F, name[0] != 0x30,
      period <= UInt32(longestPeriod.rawValue)
    else { return defaultPeriod }
    return Seconds(Int64(period))
  }
}
