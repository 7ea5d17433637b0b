import TokenCore

/// The port that the device is plugged into: what passes here, in both directions, is recorded if so
/// wished.
///
/// It also does what the system of a USB host does before it lends a device to another: it resets it
/// and gives it an address and its configuration.
public struct USBPort {
  public private(set) var device: USBDevice
  public private(set) var isConnected = false
  private let recorder: USBRecorder?

  /// Addresses that a bus has.
  private static let lastAddress: UInt8 = 127

  /// An empty port; `connect()` plugs the device in.
  public init(_ identity: USBIdentity, recorder: USBRecorder? = nil) {
    device = USBDevice(identity)
    self.recorder = recorder
  }

  /// Plugs the device in.
  public mutating func connect() {
    let address = device.address == Self.lastAddress ? 1 : device.address + 1
    device = USBDevice(device.identity)
    isConnected = true
    configure(address: address)
  }

  /// Pulls the device out. Whatever was on its way is gone.
  public mutating func disconnect() {
    guard isConnected else { return }
    let address = device.address
    device.reset()
    dropCompletions()
    // Remembered, so that the next one gets another.
    device.address = address
    isConnected = false
  }

  /// Resets the device, and sets it up again.
  public mutating func reset() {
    let address = device.address
    device.reset()
    dropCompletions()
    configure(address: address)
  }

  public mutating func submit(_ transfer: Transfer) -> Bool {
    guard isConnected, device.submit(transfer) else { return false }
    recorder?.record(.submitted(transfer), device: device.address)
    return true
  }

  /// Takes a transfer back, as `USBDevice.cancel` does.
  ///
  /// - Returns: whether it was held.
  public mutating func cancel(_ id: Transfer.ID) -> Bool {
    let cancelled = device.cancel(id)
    for transfer in cancelled {
      recorder?.record(.completed(Completion(transfer, .cancelled)), device: device.address)
    }
    return !cancelled.isEmpty
  }

  public mutating func nextCompletion() -> Completion? {
    guard let completion = device.nextCompletion() else { return nil }
    recorder?.record(.completed(completion), device: device.address)
    return completion
  }

  public var hasOutput: Bool { device.hasOutput }

  public mutating func nextOutput() -> Report? { device.nextOutput() }

  public mutating func offer(_ report: Report) { device.offer(report) }

  // MARK: Steps

  private mutating func configure(address: UInt8) {
    let value = UInt16(Descriptors.configurationValue)
    for setup in [
      SetupPacket(standard: .setAddress, value: UInt16(address)),
      SetupPacket(standard: .setConfiguration, value: value),
    ] {
      _ = submit(Transfer(id: 0, .control(setup, data: [])))
      dropCompletions()
    }
  }

  private mutating func dropCompletions() {
    while nextCompletion() != nil {}
  }
}

extension SetupPacket {
  /// A standard request to the device that has no data, or an interface's if `index` says so.
  init(
    standard request: StandardRequest, to recipient: Recipient = .device, value: UInt16 = 0,
    index: UInt16 = 0, length: UInt16 = 0
  ) {
    self.init(
      requestType: (request.isInput ? 0x80 : 0) | Kind.standard.rawValue << 5 | recipient.rawValue,
      request: request.rawValue, value: value, index: index, length: length)
  }

  /// A request of the HID class to the interface.
  init(hid request: HIDRequest, value: UInt16 = 0, length: UInt16 = 0) {
    self.init(
      requestType: (request.isInput ? 0x80 : 0) | Kind.class.rawValue << 5
        | Recipient.interface.rawValue,
      request: request.rawValue, value: value, index: UInt16(Descriptors.interfaceNumber),
      length: length)
  }
}
