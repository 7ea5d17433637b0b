import CHIDAPI
import Glibc
import TokenClient

/// The HID devices of this machine, through libhidapi.
///
/// The library is initialised when it is used first and not before, so that a program that is
/// linked with it and talks to other tokens pays for nothing but the linking.
struct Libhidapi: HIDSystem {
  let build = HIDLibrary.build

  /// Whether hid_init worked; 0 is the errno when it did.
  private static let initialization: Int32 = {
    errno = 0
    guard hid_init() != 0 else { return 0 }
    return errno == 0 ? ENOSYS : errno
  }()

  /// Characters of a device's string that are looked at: a USB string descriptor has at most 126.
  private static let longestString = 126

  func list(vendorID: UInt16, productID: UInt16) throws(TransportFailure) -> [HIDRecord] {
    guard Self.initialization == 0 else {
      throw .system(place: "usb", operation: "hid_init", error: Self.initialization)
    }
    let first = hid_enumerate(vendorID, productID)
    defer { hid_free_enumeration(first) }
    var records: [HIDRecord] = []
    var next = first
    while let entry = next?.pointee {
      next = entry.next
      guard let path = entry.path else { continue }
      records.append(
        HIDRecord(
          path: String(cString: path), vendorID: entry.vendor_id, productID: entry.product_id,
          serialNumber: Self.text(entry.serial_number), product: Self.text(entry.product_string),
          usagePage: entry.usage_page, interfaceNumber: Int(entry.interface_number)))
    }
    return records
  }

  func open(_ path: String) -> (any HIDPort)? {
    guard Self.initialization == 0, let handle = hid_open_path(path) else { return nil }
    return LibhidapiPort(handle)
  }

  func state(of path: String) -> DeviceNode.State {
    DeviceNode(path: path, build: build).state
  }

  /// What no Unicode scalar is becomes U+FFFD.
  private static func text(_ string: UnsafePointer<wchar_t>?) -> String? {
    guard let string else { return nil }
    var text = String.UnicodeScalarView()
    for index in 0..<longestString {
      guard string[index] != 0 else { break }
      let scalar = Unicode.Scalar(UInt32(bitPattern: string[index]))
      text.append(scalar ?? "\u{FFFD}")
    }
    return String(text)
  }
}

/// A handle of libhidapi's.
private final class LibhidapiPort: HIDPort {
  private var handle: OpaquePointer?

  init(_ handle: OpaquePointer) {
    self.handle = handle
  }

  deinit {
    close()
  }

  func write(_ packet: Span<UInt8>) throws(HIDPortFailure) -> Int {
    guard let handle else { throw HIDPortFailure(error: EBADF) }
    errno = 0
    let count = packet.withUnsafeBufferPointer { hid_write(handle, $0.baseAddress, $0.count) }
    return try Self.checked(count)
  }

  func read(
    into packet: inout MutableSpan<UInt8>, milliseconds: Int32
  ) throws(HIDPortFailure) -> Int {
    guard let handle else { throw HIDPortFailure(error: EBADF) }
    errno = 0
    let count = packet.withUnsafeMutableBufferPointer {
      hid_read_timeout(handle, $0.baseAddress, $0.count, milliseconds)
    }
    return try Self.checked(count)
  }

  func close() {
    guard let handle else { return }
    hid_close(handle)
    self.handle = nil
  }

  /// Only the hidraw build fails with an errno of the device's; libusb leaves there whatever its
  /// last system call happened to.
  private static func checked(_ count: Int32) throws(HIDPortFailure) -> Int {
    guard count < 0 else { return Int(count) }
    let error = errno
    throw HIDPortFailure(error: HIDLibrary.build == .hidraw && error != 0 ? error : nil)
  }
}
