import TokenCore

/// Everything that the device says of itself.
///
/// They are the descriptors of the simulated token's USB device, byte by byte; Docs/usb.md explains them.
enum Descriptors {
  /// The only configuration, by its bConfigurationValue.
  static let configurationValue: UInt8 = 1
  /// The only interface, by its bInterfaceNumber.
  static let interfaceNumber: UInt8 = 0
  /// US English, the only language.
  static let language: UInt16 = 0x0409

  enum StringIndex: UInt8 {
    case languages = 0
    case manufacturer = 1
    case product = 2
    case serialNumber = 3
  }

  static let manufacturer: StaticString = "Watchfob"

  /// Appends the string of that index: UTF-16 behind two bytes (USB 2.0, 9.6.7).
  ///
  /// - Returns: `false` if there is none.
  static func appendString(
    _ index: UInt8, of serialNumber: SerialNumber, in body: Body, to reply: inout ControlReply
  ) -> Bool {
    guard let index = StringIndex(rawValue: index) else { return false }
    reply.append(0)
    reply.append(DescriptorKind.string.rawValue)
    switch index {
    case .languages: reply.append(littleEndian: language)
    case .manufacturer: reply.append(utf16: manufacturer)
    case .product:
      reply.append(utf16: USBIdentifiers.productName)
      // As a simulated token's, so that nobody takes it for hardware.
      if body == .emulated { reply.append(utf16: " (emulated)") }
    case .serialNumber:
      for digit in (0..<16).reversed() {
        let value = UInt8(truncatingIfNeeded: serialNumber.rawValue >> UInt64(4 * digit)) & 0xF
        reply.append(littleEndian: UInt16(value < 10 ? 0x30 + value : 0x61 + value - 10))
      }
    }
    reply.bytes[0] = UInt8(reply.count)
    return true
  }
}

/// 18 bytes (USB 2.0, table 9-8). Globals and literals, so that they are read-only data.
let deviceDescriptor: InlineArray<18, UInt8> = [
  18, 1,
  0x00, 0x02,  // USB 2.0
  0, 0, 0,  // the class is the interface's matter
  64,  // bytes in the control endpoint's packets
  0x09, 0x12, 0x01, 0x00,  // USBIdentifiers
  0x00, 0x01,  // release 1.00
  1, 2, 3,  // Descriptors.StringIndex
  1,  // configuration
]

/// 41 bytes: the configuration and all that belongs to it (USB 2.0, 9.6.3 to 9.6.6; HID 1.11, 6.2.1).
let configurationDescriptor: InlineArray<41, UInt8> = [
  9, 2,
  41, 0,  // bytes in all
  1, 1, 0,  // one interface; value; no string
  0x80, 50,  // powered by the bus, no remote wake-up, 50 × 2 mA

  9, 4,
  0, 0, 2,  // interface 0, alternate setting 0, two endpoints
  3, 0, 0,  // human interface device, no boot device
  0,

  9, 0x21,
  0x11, 0x01, 0,  // HID 1.11, no country
  1, 0x22, 25, 0,  // a report descriptor, its bytes

  7, 5, 0x81, 3, 64, 0, 1,  // endpoint 1 IN: interrupt, 64 bytes, every millisecond
  7, 5, 0x01, 3, 64, 0, 1,  // endpoint 1 OUT
]

/// Where the HID descriptor lies in the configuration.
let hidDescriptorRange = 18..<27

/// 25 bytes: 64 bytes in and 64 bytes out, without a report id (HID 1.11, 6.2.2).
let reportDescriptor: InlineArray<25, UInt8> = [
  0x06, 0x00, 0xFF,  // Usage Page (vendor 0xFF00)
  0x09, 0x01,  // Usage (1)
  0xA1, 0x01,  // Collection (Application)
  0x15, 0x00,  //   Logical Minimum (0)
  0x26, 0xFF, 0x00,  //   Logical Maximum (255)
  0x75, 0x08,  //   Report Size (8 bits)
  0x95, 0x40,  //   Report Count (64)
  0x09, 0x20,  //   Usage (0x20)
  0x81, 0x02,  //   Input (Data, Variable, Absolute)
  0x09, 0x21,  //   Usage (0x21)
  0x91, 0x02,  //   Output (Data, Variable, Absolute)
  0xC0,  // End Collection
]
