/// The rule that lets people open tokens without being root. It ships as HostTools/udev/70-watchfob.rules
/// and in every `fob` (`fob doctor --udev-rule`).
public enum UdevRule {
  /// Before 73-seat-late.rules, which acts on the tag `uaccess`.
  public static let fileName = "70-watchfob.rules"

  public static let text = """
    # Lets the person at this computer, and members of the group plugdev, open Watchfob tokens.

    # Through the kernel's HID driver: a token on USB, and a simulated one that came through uhid.
    SUBSYSTEM=="hidraw", ATTRS{idVendor}=="1209", ATTRS{idProduct}=="0001", ATTRS{product}=="Watchfob*", MODE="0660", GROUP="plugdev", TAG+="uaccess"
    SUBSYSTEM=="hidraw", DEVPATH=="/devices/virtual/misc/uhid/0003:1209:0001.*", MODE="0660", GROUP="plugdev", TAG+="uaccess"

    # Through libusb.
    SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="1209", ATTR{idProduct}=="0001", ATTR{product}=="Watchfob*", MODE="0660", GROUP="plugdev", TAG+="uaccess"

    """

  /// Where a rule of the person who runs the machine goes.
  public static let installed = "/etc/udev/rules.d/" + fileName

  /// What puts the rule in place, for a shell.
  public static let installing =
    "fob doctor --udev-rule | sudo tee \(installed) && sudo udevadm control --reload"

  /// The folders that udev reads, the first that has a file of that name hiding the others
  /// (udev(7)).
  static let folders = [
    "/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d", "/lib/udev/rules.d",
    "/usr/lib/udev/rules.d",
  ]

  /// How a machine has it.
  public enum Presence: Equatable, Sendable {
    case absent
    /// In this file, and it says what `text` does.
    case current(file: String)
    /// In this file, and it says something else: that of another version, or the machine's owner
    /// has changed it.
    case different(file: String)
  }

  public static func presence(in tree: SystemTree) -> Presence {
    for folder in folders {
      let file = "\(folder)/\(fileName)"
      guard tree.exists(file) else { continue }
      return statements(tree.text(of: file) ?? "") == statements(text)
        ? .current(file: file) : .different(file: file)
    }
    return .absent
  }

  /// The end of the sentence 'You may not open …'.
  static func remedy(for node: String) -> String {
    "Its file \(node) is closed to you. Put the udev rule for tokens in place, '\(installing)', "
      + "then plug the token in anew; 'fob doctor' checks it."
  }

  /// The rule without comments and empty lines, which packagers change.
  private static func statements(_ text: String) -> [Substring] {
    text.split(separator: "\n").filter { !$0.hasPrefix("#") && $0.contains { !$0.isWhitespace } }
  }
}
