import Foundation

@testable import HIDAPITransport

/// A folder laid out as a machine's /sys, /dev and /etc are.
final class FakeTree {
  let tree: SystemTree

  init() {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("watchfob-tree-\(UUID().uuidString)")
    tree = SystemTree(root: folder.path)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: tree.root)
  }

  func write(_ path: String, _ text: String) {
    let url = URL(fileURLWithPath: tree.root + path)
    try? FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? Data(text.utf8).write(to: url)
  }

  func addHIDRaw(_ name: String, id: String, name product: String, serial: String) {
    write(
      "/sys/class/hidraw/\(name)/device/uevent",
      "DRIVER=hid-generic\nHID_ID=\(id)\nHID_NAME=\(product)\nHID_UNIQ=\(serial)\n")
  }

  func addUSB(_ name: String, vendor: String = "1209", driver: String) {
    let folder = "/sys/bus/usb/devices/\(name)"
    for (attribute, value) in [
      "idVendor": vendor, "idProduct": "0001", "busnum": "1", "devnum": "4", "serial": "0a",
      "product": "Watchfob",
    ] {
      write("\(folder)/\(attribute)", value + "\n")
    }
    setDriver(driver, of: name + ":1.0")
  }

  func setDriver(_ driver: String, of interface: String) {
    let folder = "/sys/bus/usb/devices/\(interface)"
    write("\(folder)/bInterfaceClass", "03\n")
    try? FileManager.default.removeItem(atPath: tree.root + folder + "/driver")
    try? FileManager.default.createSymbolicLink(
      atPath: tree.root + folder + "/driver",
      withDestinationPath: "../../../../bus/usb/drivers/\(driver)")
  }
}
