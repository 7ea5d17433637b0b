import OATH
import TokenClient

/// The machine as this module needs it: what HID devices there are, and how to open one. The
/// machine's own is `Libhidapi`; tests put devices of theirs in here.
protocol HIDSystem: Sendable {
  var build: HIDLibrary.Build { get }

  /// All HID devices of a vendor and product, several times the same one where it has several
  /// collections.
  func list(vendorID: UInt16, productID: UInt16) throws(TransportFailure) -> [HIDRecord]

  /// Opens the device at a record's path; nil when the system refuses. `state(of:)` says why.
  func open(_ path: String) -> (any HIDPort)?

  /// What is at a path now, and whether this person may use it.
  func state(of path: String) -> DeviceNode.State
}

/// An open HID device.
protocol HIDPort: AnyObject {
  /// Sends an output report: the report id, 0 for a device without ids, and the report.
  ///
  /// - Returns: the bytes sent, the report id among them.
  func write(_ packet: Span<UInt8>) throws(HIDPortFailure) -> Int

  /// Waits for an input report, which has no id in front.
  ///
  /// - Parameter milliseconds: 0 does not wait, -1 waits for ever.
  /// - Returns: the bytes of it that went into `packet`; 0 when none came in time.
  func read(
    into packet: inout MutableSpan<UInt8>, milliseconds: Int32
  ) throws(HIDPortFailure) -> Int

  func close()
}

/// What the library says when a transfer fails: nothing but, in its hidraw build, the errno.
struct HIDPortFailure: Error, Equatable {
  /// Nil where it is not known.
  let error: Int32?
}
