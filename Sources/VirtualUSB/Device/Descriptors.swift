import TokenCore

/// Everything that the device says of itself. Docs/usb.md explains each byte.
enum Descriptors {
  /// The only configuration, by its bConfigurationValue.
  static let configurationValue: UInt8 = 1
  /// The only interface, by its bInterfaceNumber.
  static let interfaceNumber: UInt8 = 0
  /// Of every endpoint, in bytes: a report, and the most that full speed allows for interrupts.
  static let packetSize = Report.size
  /// Milliseconds between two polls of an endpoint.
  static let interval: UInt8 = 1

  /// Class 3, human interface device; neither a boot device nor a protocol of its own.
  static let interfaceClass: UInt8 = 3
  static let interfaceSubclass: UInt8 = 0
  static let interfaceProtocol: UInt8 = 0
  /// Transfer type 3 in bmAttributes.
  static let interrupt: UInt8 = 3

  private static let usb20: UInt16 = 0x0200
  private static let hid111: UInt16 = 0x0111
  /// US English, the only language.
  static let language: UInt16 = 0x0409

  enum StringIndex: UInt8 {
    case languages = 0
    case manufacturer = 1
    case product = 2
    case serialNumber = 3
  }

  /// 18 bytes (USB 2.0, table 9-8).
  static func device(_ identity: USBIdentity) -> [UInt8] {
    var bytes: [UInt8] = [18, DescriptorKind.device.rawValue]
    bytes.append(littleEndian: usb20)
    // The class is the interface's matter.
    bytes += [0, 0, 0, UInt8(packetSize)]
    bytes.append(littleEndian: identity.vendor)
    bytes.append(littleEndian: identity.product)
    bytes.append(littleEndian: identity.release)
    bytes += [
      StringIndex.manufacturer.rawValue, StringIndex.product.rawValue,
      StringIndex.serialNumber.rawValue,
      1,
    ]
    return bytes
  }

  /// 41 bytes: the configuration and all that belongs to it (USB 2.0, 9.6.3).
  static let configuration: [UInt8] = {
    let parts = interface + hid + endpoint(.input) + endpoint(.output)
    var bytes: [UInt8] = [9, DescriptorKind.configuration.rawValue]
    bytes.append(littleEndian: UInt16(9 + parts.count))
    // Powered by the bus, no remote wake-up, 50 × 2 mA.
    bytes += [1, configurationValue, 0, 0x80, 50]
    return bytes + parts
  }()

  private static let interface: [UInt8] = [
    9, DescriptorKind.interface.rawValue, interfaceNumber, 0, 2,
    interfaceClass, interfaceSubclass, interfaceProtocol, 0,
  ]

  /// 9 bytes (HID 1.11, 6.2.1). A report length that is one byte off makes the host give up.
  static let hid: [UInt8] = {
    var bytes: [UInt8] = [9, DescriptorKind.hid.rawValue]
    bytes.append(littleEndian: hid111)
    // No country, one descriptor more.
    bytes += [0, 1, DescriptorKind.report.rawValue]
    bytes.append(littleEndian: UInt16(report.count))
    return bytes
  }()

  private static func endpoint(_ address: EndpointAddress) -> [UInt8] {
    var bytes: [UInt8] = [7, DescriptorKind.endpoint.rawValue, address.rawValue, interrupt]
    bytes.append(littleEndian: UInt16(packetSize))
    return bytes + [interval]
  }

  /// 27 bytes: 64 bytes in and 64 bytes out, without a report id (HID 1.11, 6.2.2).
  static let report: [UInt8] = [
    0x06, UInt8(USBIdentifiers.usagePage & 0xFF), UInt8(USBIdentifiers.usagePage >> 8),
    // Usage Page (vendor 0xFF00)
    0x09, UInt8(USBIdentifiers.usage),  // Usage (1)
    0xA1, 0x01,  // Collection (Application)
    0x15, 0x00,  //   Logical Minimum (0)
    0x26, 0xFF, 0x00,  //   Logical Maximum (255)
    0x75, 0x08,  //   Report Size (8 bits)
    0x95, UInt8(packetSize),  //   Report Count (64)
    0x09, 0x20,  //   Usage (0x20)
    0x81, 0x02,  //   Input (Data, Variable, Absolute)
    0x09, 0x21,  //   Usage (0x21)
    0x91, 0x02,  //   Output (Data, Variable, Absolute)
    0xC0,  // End Collection
  ]

  /// The string of that index: UTF-16 behind two bytes (USB 2.0, 9.6.7). `nil` if there is none.
  static func string(_ index: UInt8, _ identity: USBIdentity) -> [UInt8]? {
    guard let index = StringIndex(rawValue: index) else { return nil }
    let text =
      switch index {
      case .languages: ""
      case .manufacturer: identity.manufacturer
      case .product: identity.name
      case .serialNumber: identity.serialNumber
      }
    let units = index == .languages ? [language] : Array(text.utf16.prefix(longestString))
    var bytes: [UInt8] = [UInt8(2 + 2 * units.count), DescriptorKind.string.rawValue]
    for unit in units { bytes.append(littleEndian: unit) }
    return bytes
  }

  /// UTF-16 units, so that the length still is one byte.
  private static let longestString = 126

  /// Cuts descriptors that lie behind each other apart, up to the first that is malformed.
  ///
  /// - Parameters:
  ///   - kind: those to return; `nil` for all.
  ///   - size: bytes that each of them has to have.
  static func list(in bytes: [UInt8], _ kind: DescriptorKind?, size: Int) -> [[UInt8]] {
    var list: [[UInt8]] = []
    var rest = bytes[...]
    while let length = rest.first.map(Int.init), length >= 2, length <= rest.count {
      let descriptor = Array(rest.prefix(length))
      if length >= size, kind == nil || descriptor[1] == kind?.rawValue { list.append(descriptor) }
      rest = rest.dropFirst(length)
    }
    return list
  }
}
