/// The device as USB/IP's lists have it: where it is on the server's bus, and what it is.
enum USBIPExport {
  static let busNumber: UInt32 = 1
  static let busID = "1-1"
  /// Names no file: there is no real bus here.
  private static let path = "/watchfob/usb1/1-1"
  /// Full. Linux takes the numbers of its enum usb_device_speed.
  private static let speed: UInt32 = 2

  /// 312 bytes: path, bus id, bus number, device number, speed, and the ids and numbers of the device
  /// descriptor.
  static func description(of port: USBPort) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(path, paddedTo: USBIPOperation.pathSize)
    bytes.append(busID, paddedTo: USBIPOperation.busIDSize)
    bytes.append(bigEndian: busNumber)
    bytes.append(bigEndian: UInt32(port.address))
    bytes.append(bigEndian: speed)
    bytes.append(bigEndian: port.device.identity.vendor)
    bytes.append(bigEndian: port.device.identity.product)
    bytes.append(bigEndian: port.device.identity.release)
    // Class, subclass and protocol are the interface's; one configuration, one interface.
    return bytes + [0, 0, 0, Descriptors.configurationValue, 1, 1]
  }

  /// 4 bytes for each interface, which lists have and the reply to an import has not.
  static let interfaces: [UInt8] = [
    Descriptors.interfaceClass, Descriptors.interfaceSubclass, Descriptors.interfaceProtocol, 0,
  ]

  /// By what requests name the device: bus number and device number.
  static func number(of port: USBPort) -> UInt32 {
    busNumber << 16 | UInt32(port.address)
  }
}
