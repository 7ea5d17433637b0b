/// What a token is called on USB: by its descriptors, by the hosts that look for it, and by the
/// udev rule.
public enum USBIdentifiers {
  /// pid.codes, https://pid.codes/1209/: the vendor of open hardware.
  public static let vendorID: UInt16 = 0x1209
  /// pid.codes' first number for tests, which every experiment may use: so a host also looks at
  /// the product string and the usage page, and believes only what answers as a token does.
  public static let productID: UInt16 = 0x0001
  /// The top-level collection's usage page: vendor defined.
  public static let usagePage: UInt16 = 0xFF00
  public static let usage: UInt16 = 0x01
  /// What the product string starts with; a simulated token says so behind it.
  public static let productName: StaticString = "Watchfob"
}
