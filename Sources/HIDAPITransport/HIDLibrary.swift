import CHIDAPI

/// The libhidapi that this program is linked with.
public enum HIDLibrary {
  /// The two ways the library reaches a device on Linux; chosen when Watchfob is built, with the
  /// environment variable WATCHFOB_HIDAPI.
  public enum Build: String, CaseIterable, Sendable {
    /// Through the kernel's HID driver and /dev/hidrawN, which any number of programs may share.
    case hidraw
    /// Through /dev/bus/usb: takes the interface away from the kernel's driver and from every
    /// other program for as long as it is open, and knows no usage pages.
    case libusb
  }

  public static let build = Build(rawValue: buildName) ?? .hidraw
  /// As the module map of the linked library calls it.
  static let buildName = WATCHFOB_HIDAPI_BUILD

  /// Of the library that was found when the program was started: `0.13.1`.
  public static var version: String { String(cString: hid_version_str()) }
}
