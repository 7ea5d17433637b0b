import TokenCore

@testable import VirtualUSB

/// A USB host of the test's own, at the model of the device.
final class Host {
  var device = USBDevice(USBIdentity(serialNumber: SerialNumber(rawValue: 0x0123_4567_89AB_CDEF)))
  private var nextID: UInt64 = 1

  /// At a device that is reset.
  init() {}

  /// At a device with an address and its configuration.
  static var configured: Host {
    let host = Host()
    _ = host.control(SetupPacket(standard: .setAddress, value: 5))
    _ = host.control(SetupPacket(standard: .setConfiguration, value: 1))
    return host
  }

  /// Carries out a control transfer.
  func control(_ setup: SetupPacket, data: [UInt8] = []) -> Completion? {
    submit(.control(setup, data: data))
  }

  /// What a request is answered with; `nil` for a STALL.
  func answer(_ setup: SetupPacket, data: [UInt8] = []) -> [UInt8]? {
    guard let completion = control(setup, data: data), completion.status == .done else {
      return nil
    }
    return completion.data
  }

  func isStalled(_ setup: SetupPacket, data: [UInt8] = []) -> Bool {
    control(setup, data: data)?.status == .stalled
  }

  /// Submits a transfer, and returns its end if it has one already.
  func submit(_ kind: Transfer.Kind) -> Completion? {
    nextID += 1
    guard device.submit(Transfer(id: nextID, kind)) else { return nil }
    var result: Completion?
    while let completion = device.nextCompletion() {
      if completion.transfer.id == nextID { result = completion }
    }
    return result
  }

  // The model's own operations, which change it.

  func begin(_ transfer: Transfer) -> Bool { device.submit(transfer) }
  func cancel(_ id: UInt64) -> [Transfer] { device.cancel(id) }
  func nextCompletion() -> Completion? { device.nextCompletion() }
  func nextOutput() -> Report? { device.nextOutput() }

  /// GET_DESCRIPTOR.
  func descriptor(
    _ kind: UInt8, _ number: UInt8 = 0, index: UInt16 = 0, length: UInt16 = 255,
    of recipient: SetupPacket.Recipient = .device
  ) -> [UInt8]? {
    answer(
      SetupPacket(
        standard: .getDescriptor, to: recipient, value: UInt16(kind) << 8 | UInt16(number),
        index: index, length: length))
  }
}
