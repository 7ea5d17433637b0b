import TokenClient
import TokenCore

extension SystemTree {
  /// A hidraw device of a token's vendor and product.
  public struct HIDRawDevice: Equatable, Sendable {
    /// `/dev/hidraw3`, whether or not it is there.
    public let node: String
    /// The device's words, made fit to be shown.
    public let name: String
    public let serialNumber: String?
  }

  /// A USB device of a token's vendor and product.
  public struct USBDevice: Equatable, Sendable {
    /// Bus and ports: `1-2`.
    public let name: String
    /// `/dev/bus/usb/001/004`; nil when the kernel does not say.
    public let node: String?
    public let product: String?
    public let serialNumber: String?
    /// The driver of each interface, nil for one without: `usbhid`, or `usbfs` when a program
    /// holds it.
    public let drivers: [String?]
  }

  public func hidrawDevices() -> [HIDRawDevice] {
    names(in: Self.hidrawClass).compactMap { name in
      guard let event = text(of: "\(Self.hidrawClass)/\(name)/device/uevent") else { return nil }
      var values: [Substring: Substring] = [:]
      for line in event.split(separator: "\n") {
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 { values[parts[0]] = parts[1] }
      }
      // HID_ID=0003:00001209:00000001: the bus, the vendor, the product.
      let numbers = (values["HID_ID"] ?? "").split(separator: ":").map { UInt32($0, radix: 16) }
      guard numbers.count == 3, numbers[1] == UInt32(USBIdentifiers.vendorID),
        numbers[2] == UInt32(USBIdentifiers.productID)
      else { return nil }
      return HIDRawDevice(
        node: "/dev/" + name, name: DisplayText.escaped(String(values["HID_NAME"] ?? "")),
        serialNumber: Self.shown(values["HID_UNIQ"].map(String.init)))
    }
  }

  public func usbTokens() -> [USBDevice] {
    let names = names(in: Self.usbDevices)
    return names.compactMap { name in
      let folder = "\(Self.usbDevices)/\(name)"
      guard number(folder + "/idVendor") == USBIdentifiers.vendorID,
        number(folder + "/idProduct") == USBIdentifiers.productID
      else { return nil }
      let interfaces = names.filter { $0.hasPrefix(name + ":") }
      return USBDevice(
        name: name, node: usbNode(ofDevice: name),
        product: Self.shown(attribute(folder + "/product")),
        serialNumber: Self.shown(attribute(folder + "/serial")),
        drivers: interfaces.map(usbDriver(ofInterface:)))
    }
  }

  /// The file through which libusb opens a device such as `1-2`.
  func usbNode(ofDevice name: String) -> String? {
    let folder = "\(Self.usbDevices)/\(name)"
    guard let bus = attribute(folder + "/busnum").flatMap({ Int($0) }),
      let device = attribute(folder + "/devnum").flatMap({ Int($0) })
    else { return nil }
    return "/dev/bus/usb/\(Self.padded(bus))/\(Self.padded(device))"
  }

  /// The driver of an interface such as `1-2:1.0`.
  func usbDriver(ofInterface name: String) -> String? {
    linkName("\(Self.usbDevices)/\(name)/driver")
  }

  private func number(_ path: String) -> UInt16? {
    attribute(path).flatMap { UInt16($0, radix: 16) }
  }

  private static func shown(_ text: String?) -> String? {
    guard let text, !text.isEmpty else { return nil }
    return DisplayText.escaped(text)
  }

  /// Three digits, as in /dev/bus/usb/001/004.
  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
  }
}
