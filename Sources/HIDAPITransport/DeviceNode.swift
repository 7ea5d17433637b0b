import Glibc

/// The file through which the library opens a device, and what the system says about it. The
/// library itself does not tell a device that is gone from one that is forbidden.
struct DeviceNode: Equatable, Sendable {
  enum State: Equatable, Sendable {
    case absent
    /// It is there, but this person may not open `node`.
    case forbidden(node: String)
    /// Another program has it to itself.
    case occupied
    /// Nothing is in the way.
    case usable
    /// The system refuses for another reason, an errno.
    case failing(Int32)
  }

  /// As the library lists it.
  let path: String
  let build: HIDLibrary.Build
  var tree = SystemTree.machine

  /// The file, from the root; nil when there is none.
  var file: String? {
    switch build {
    case .hidraw: path
    case .libusb: tree.usbNode(ofDevice: usbDevice)
    }
  }

  var state: State {
    switch build {
    case .hidraw:
      return stateOfFile(path)
    case .libusb:
      guard tree.exists(SystemTree.usbDevices + "/" + path), let file else { return .absent }
      let state = stateOfFile(file)
      // A claimed interface belongs to usbfs, whoever claimed it.
      guard state == .usable, tree.usbDriver(ofInterface: path) == "usbfs" else { return state }
      return .occupied
    }
  }

  /// `1-2` of the interface `1-2:1.0`.
  private var usbDevice: String {
    String(path.prefix { $0 != ":" })
  }

  private func stateOfFile(_ file: String) -> State {
    // Opening is the only question to which access lists, capabilities and a container's rules
    // all answer.
    let descriptor = Glibc.open(tree.root + file, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    let error = errno
    guard descriptor < 0 else {
      _ = Glibc.close(descriptor)
      return .usable
    }
    return Self.state(ofFile: file, refusedWith: error)
  }

  static func state(ofFile file: String, refusedWith error: Int32) -> State {
    switch error {
    case EACCES, EPERM, EROFS: .forbidden(node: file)
    case ENOENT, ENOTDIR, ENODEV, ENXIO, EIO: .absent
    case EBUSY: .occupied
    default: .failing(error)
    }
  }
}
