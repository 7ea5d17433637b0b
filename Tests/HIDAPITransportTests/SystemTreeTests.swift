import Foundation
import Testing

@testable import HIDAPITransport

@Suite("What the system shows of tokens")
struct SystemTreeTests {
  private let folder = FakeTree()
  private var tree: SystemTree { folder.tree }

  @Test("a hidraw device of a token's numbers is found, and no other")
  func hidraw() {
    folder.addHIDRaw("hidraw0", id: "0003:0000046D:0000C31C", name: "Keyboard", serial: "")
    folder.addHIDRaw("hidraw2", id: "0003:00001209:00000001", name: "W Watchfob", serial: "0a")
    let devices = tree.hidrawDevices()
    #expect(devices.map(\.node) == ["/dev/hidraw2"])
    #expect(devices.map(\.serialNumber) == ["0a"])
    #expect(devices.map(\.name) == ["W Watchfob"])
  }

  @Test(
    "what is not an entry of the kernel's is passed over",
    arguments: [
      "", "HID_ID=", "HID_ID=0003", "HID_ID=::", "HID_ID=0003:zz:1", "HID_ID", "\u{0}\n=\n==",
    ])
  func malformed(_ event: String) {
    folder.write("/sys/class/hidraw/hidraw0/device/uevent", event)
    #expect(tree.hidrawDevices().isEmpty)
  }

  @Test("a USB device is found with its file, its strings and its drivers")
  func usb() {
    folder.addUSB("1-2", driver: "usbhid")
    folder.addUSB("1-3", vendor: "1d6b", driver: "hub")
    let tokens = tree.usbTokens()
    #expect(tokens.map(\.name) == ["1-2"])
    #expect(tokens.map(\.node) == ["/dev/bus/usb/001/004"])
    #expect(tokens.map(\.serialNumber) == ["0a"])
    #expect(tokens.map(\.drivers) == [["usbhid"]])
  }

  @Test("an empty machine has nothing, and nothing fails")
  func empty() {
    #expect(!tree.hasHIDRaw && !tree.hasUSB && !tree.hasUdev)
    #expect(tree.hidrawDevices().isEmpty)
    #expect(tree.usbTokens().isEmpty)
    #expect(UdevRule.presence(in: tree) == .absent)
  }

  @Test("a hidraw node that is there may be opened, one that is not is absent")
  func nodes() {
    let node = DeviceNode(path: "/dev/hidraw0", build: .hidraw, tree: tree)
    #expect(node.state == .absent)
    folder.write("/dev/hidraw0", "")
    #expect(node.state == .usable)
  }

  // For root nothing is closed.
  @Test("a node that is closed to this person is forbidden", .enabled(if: geteuid() != 0))
  func closedNode() {
    folder.write("/dev/hidraw0", "")
    chmod(tree.root + "/dev/hidraw0", 0)
    let node = DeviceNode(path: "/dev/hidraw0", build: .hidraw, tree: tree)
    #expect(node.state == .forbidden(node: "/dev/hidraw0"))
  }

  @Test(
    "the system's refusals are told apart",
    arguments: [
      (EACCES, DeviceNode.State.forbidden(node: "/dev/x")), (EPERM, .forbidden(node: "/dev/x")),
      (ENOENT, .absent), (ENODEV, .absent), (ENXIO, .absent), (EBUSY, .occupied),
      (EMFILE, .failing(EMFILE)),
    ])
  func refusals(_ error: Int32, _ state: DeviceNode.State) {
    #expect(DeviceNode.state(ofFile: "/dev/x", refusedWith: error) == state)
  }

  @Test("for libusb a device is what its bus, its node and its driver say")
  func libusbNodes() {
    let node = DeviceNode(path: "1-2:1.0", build: .libusb, tree: tree)
    #expect(node.state == .absent)
    folder.addUSB("1-2", driver: "usbhid")
    #expect(node.state == .absent)
    folder.write("/dev/bus/usb/001/004", "")
    #expect(node.state == .usable)
    folder.setDriver("usbfs", of: "1-2:1.0")
    #expect(node.state == .occupied)
  }

  // MARK: The rule

  @Test("the rule in the repository is the one that fob gives out")
  func shippedRule() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appendingPathComponent("HostTools/udev/" + UdevRule.fileName)
    #expect(try String(contentsOf: file, encoding: .utf8) == UdevRule.text)
  }

  @Test("the rule names the numbers that tokens have")
  func ruleNumbers() {
    #expect(UdevRule.text.contains("\"1209\""))
    #expect(UdevRule.text.contains("\"0001\""))
    for line in UdevRule.text.split(separator: "\n") where !line.hasPrefix("#") {
      #expect(line.contains("TAG+=\"uaccess\""), "\(line)")
      #expect(line.contains("GROUP=\"plugdev\", "), "\(line)")
    }
  }

  @Test("a rule is current whatever its comments, and different when it says something else")
  func rulePresence() {
    let packaged = "/lib/udev/rules.d/" + UdevRule.fileName
    folder.write(packaged, "# A package's own words.\n\n" + UdevRule.text)
    #expect(UdevRule.presence(in: tree) == .current(file: packaged))
    folder.write(packaged, "SUBSYSTEM==\"hidraw\", MODE=\"0666\"\n")
    #expect(UdevRule.presence(in: tree) == .different(file: packaged))
  }

  @Test("a file of the machine's owner hides the package's, as it does for udev")
  func ruleHidden() {
    folder.write("/lib/udev/rules.d/" + UdevRule.fileName, UdevRule.text)
    folder.write(UdevRule.installed, "")
    #expect(UdevRule.presence(in: tree) == .different(file: UdevRule.installed))
  }
}
