import Foundation

@testable import HIDAPITransport
@testable import fob

/// A machine as `fob doctor` looks at one: a folder laid out as its root, and what libhidapi lists.
final class Machine {
  let tree: SystemTree
  var build = HIDLibrary.Build.hidraw
  var records: [HIDRecord] = []
  var isRoot = false
  /// The nodes that are closed to the person.
  var closed: Set<String> = []

  /// A usual one: hidraw, udev with the rule, no token.
  init() {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("watchfob-machine-\(UUID().uuidString)")
    tree = SystemTree(root: folder.path)
    write("/sys/class/hidraw/.keep", "")
    write("/run/udev/control", "")
    write(UdevRule.installed, UdevRule.text)
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

  func remove(_ path: String) {
    try? FileManager.default.removeItem(atPath: tree.root + path)
  }

  /// A device of a token's numbers, as the kernel shows it.
  func addNode(_ name: String, product: String = "Watchfob", serial: String = "0a") {
    write(
      "/sys/class/hidraw/\(name)/device/uevent",
      "HID_ID=0003:00001209:00000001\nHID_NAME=\(product)\nHID_UNIQ=\(serial)\n")
  }

  /// A token that the kernel shows and the library lists.
  func plug(_ name: String = "hidraw0", serial: String = "0a") {
    addNode(name, serial: serial)
    records.append(
      HIDRecord(
        path: "/dev/\(name)", vendorID: 0x1209, productID: 0x0001, serialNumber: serial,
        product: "Watchfob", usagePage: 0xFF00, interfaceNumber: 0))
  }

  var diagnosis: SystemDiagnosis {
    let closed = closed
    return SystemDiagnosis(
      tree: tree, build: build, version: "0.13.1",
      tokens: USBToken.tokens(among: records, build: build), isRoot: isRoot,
      mayOpen: { !closed.contains($0) })
  }

  func findings(_ check: Finding.Check) -> [Finding] {
    diagnosis.findings.filter { $0.check == check }
  }

  func verdicts(_ check: Finding.Check) -> [Finding.Verdict] {
    findings(check).map(\.verdict)
  }

  var failures: [Finding.Check] {
    diagnosis.findings.filter { $0.verdict == .failed }.map(\.check)
  }
}
