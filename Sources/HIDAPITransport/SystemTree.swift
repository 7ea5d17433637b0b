import Glibc

/// What the kernel and udev show of USB tokens in the file system: /sys, /dev, and the folders of
/// rules. Read without libhidapi, so that it can be found out what keeps the library from a token.
public struct SystemTree: Equatable, Sendable {
  /// What stands before every path: empty for the machine itself, a folder for a test.
  public let root: String

  public static let machine = SystemTree(root: "")

  static let hidrawClass = "/sys/class/hidraw"
  static let usbDevices = "/sys/bus/usb/devices"

  /// Largest file that is read, in bytes. sysfs shows a page at most, and rules are small.
  private static let largestFile = 65_536

  public init(root: String) {
    self.root = root
  }

  /// Whether the kernel has hidraw: the class is there even while it has no device.
  public var hasHIDRaw: Bool { exists(Self.hidrawClass) }

  /// Whether the kernel has USB.
  public var hasUSB: Bool { exists(Self.usbDevices) }

  /// Whether a udev daemon is there to apply rules.
  public var hasUdev: Bool { exists("/run/udev/control") }
}

// MARK: Files

extension SystemTree {
  func exists(_ path: String) -> Bool {
    access(root + path, F_OK) == 0
  }

  /// The names in a folder, sorted; none when it cannot be read.
  func names(in folder: String) -> [String] {
    guard let stream = opendir(root + folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// A file as text; nil when it cannot be read, or is larger than one of these ever is.
  func text(of path: String) -> String? {
    let descriptor = open(root + path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: Self.largestFile + 1)
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress! + filled, $0.count - filled)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { break }
      filled += count
    }
    guard filled <= Self.largestFile else { return nil }
    return String(decoding: bytes[..<filled], as: UTF8.self)
  }

  /// The first line of a file: how sysfs shows an attribute.
  func attribute(_ path: String) -> String? {
    text(of: path).map { String($0.prefix { $0 != "\n" }) }
  }

  /// The last part of what a symbolic link points to.
  func linkName(_ path: String) -> String? {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(root + path, &target, target.count)
    guard count > 0 else { return nil }
    let bytes = target[..<count].map { UInt8(bitPattern: $0) }
    return bytes.split(separator: UInt8(ascii: "/")).last.map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
