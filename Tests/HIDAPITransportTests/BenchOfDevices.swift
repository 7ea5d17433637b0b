import Glibc
import Synchronization
import TokenClient
import TokenCore

@testable import HIDAPITransport

/// A machine with HID devices on its bench, in place of libhidapi and a kernel: what is listed, how
/// each opens, and what its transfers end with is laid out by the test.
final class BenchOfDevices: HIDSystem {
  struct Setup {
    var records: [HIDRecord] = []
    /// By path; what is not here is absent.
    var states: [String: DeviceNode.State] = [:]
    /// By path; what is not here does not open.
    var devices: [String: ScriptedDevice] = [:]
    /// By path: how often opening it is refused before it opens in spite of all.
    var opensAfter: [String: Int] = [:]
  }

  let build: HIDLibrary.Build
  private let setup: Mutex<Setup>

  init(_ build: HIDLibrary.Build = .hidraw) {
    self.build = build
    setup = Mutex(Setup())
  }

  func change(_ body: (inout sending Setup) -> Void) {
    setup.withLock { body(&$0) }
  }

  /// Puts a device in.
  @discardableResult
  func plug(_ record: HIDRecord, _ device: ScriptedDevice = ScriptedDevice()) -> ScriptedDevice {
    setup.withLock {
      $0.records.append(record)
      $0.states[record.path] = .usable
      $0.devices[record.path] = device
    }
    return device
  }

  /// Leaves it listed, and opens it to nobody.
  func refuse(_ path: String, _ state: DeviceNode.State) {
    setup.withLock {
      $0.states[path] = state
      $0.devices[path] = nil
    }
  }

  func unplug(_ path: String) {
    setup.withLock {
      $0.records.removeAll { $0.path == path }
      $0.states[path] = nil
      $0.devices[path] = nil
    }
  }

  func list(vendorID: UInt16, productID: UInt16) throws(TransportFailure) -> [HIDRecord] {
    setup.withLock { $0.records }
      .filter { $0.vendorID == vendorID && $0.productID == productID }
  }

  func open(_ path: String) -> (any HIDPort)? {
    setup.withLock {
      guard let refusals = $0.opensAfter[path] else { return $0.devices[path] }
      $0.opensAfter[path] = refusals - 1
      return refusals > 0 ? nil : ScriptedDevice()
    }
  }

  func state(of path: String) -> DeviceNode.State {
    setup.withLock { $0.states[path] ?? .absent }
  }
}

/// A device that takes what is written, and gives out what the test has put in.
final class ScriptedDevice: HIDPort, @unchecked Sendable {
  // Unchecked: used by one thread, the test's.

  /// What a transfer ends with.
  enum Event {
    case report([UInt8])
    case failure(Int32?)
  }

  var written: [[UInt8]] = []
  var incoming: [Event] = []
  /// What the next writes end with; those after them succeed.
  var writeFailures: [Int32?] = []
  /// Bytes that a write says it has taken; nil is all.
  var taken: Int?
  /// Called when a report has been written.
  var afterWrite: ((ScriptedDevice) -> Void)?
  /// The waits that were asked for, in milliseconds.
  var waits: [Int32] = []
  var isClosed = false

  func write(_ packet: Span<UInt8>) throws(HIDPortFailure) -> Int {
    if !writeFailures.isEmpty { throw HIDPortFailure(error: writeFailures.removeFirst()) }
    written.append(packet.indices.map { packet[$0] })
    afterWrite?(self)
    return taken ?? packet.count
  }

  func read(
    into packet: inout MutableSpan<UInt8>, milliseconds: Int32
  ) throws(HIDPortFailure) -> Int {
    waits.append(milliseconds)
    guard !incoming.isEmpty else { return 0 }
    switch incoming.removeFirst() {
    case .failure(let error): throw HIDPortFailure(error: error)
    case .report(let bytes):
      // As the kernel does: what does not fit is cut off.
      let count = min(bytes.count, packet.count)
      for index in 0..<count { packet[index] = bytes[index] }
      return count
    }
  }

  func close() {
    isClosed = true
  }
}

extension HIDRecord {
  /// A token's own entry.
  static func token(
    _ serialNumber: String? = "00c0ffee00c0ffee", path: String = "/dev/hidraw0",
    product: String? = "Watchfob", usagePage: UInt16 = 0xFF00, interface: Int = 0
  ) -> HIDRecord {
    HIDRecord(
      path: path, vendorID: 0x1209, productID: 0x0001, serialNumber: serialNumber,
      product: product, usagePage: usagePage, interfaceNumber: interface)
  }
}

extension Report {
  /// A report filled with one byte.
  init(filledWith byte: UInt8) {
    self.init(InlineArray(repeating: byte))
  }

  var array: [UInt8] { bytes.span.indices.map { bytes[$0] } }
}
