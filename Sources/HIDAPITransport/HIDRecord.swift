/// One entry of the list that libhidapi makes of a machine's HID devices, copied out of it.
///
/// All strings are the device's own words and not to be trusted; `USBToken` makes them fit to be
/// shown.
struct HIDRecord: Equatable, Sendable {
  /// What opens it: `/dev/hidraw3`, or `1-2:1.0` (bus, ports, configuration, interface) in the
  /// libusb build.
  var path: String
  var vendorID: UInt16
  var productID: UInt16
  /// Nil where the device has none, or may not be asked for it.
  var serialNumber: String?
  var product: String?
  /// Of a top-level collection; 0 in the libusb build, which does not read report descriptors
  /// while it lists.
  var usagePage: UInt16
  /// bInterfaceNumber; -1 where there is none.
  var interfaceNumber: Int
}
