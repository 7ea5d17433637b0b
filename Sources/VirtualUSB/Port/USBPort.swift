import TokenCore
import TokenSimulator

/// The port that the device is plugged into: what passes here, in both directions, is recorded if so
/// wished.
///
/// It also does what the system of a USB host does before it lends a device to another: it resets it
/// and gives it an address and its configuration.
public struct USBPort: DevicePort {
  public private(set) var device: USBDevice
  public private(set) var isConnected = false
  /// Under which the device is on this bus, whatever address its guest gave it. Another one after
  /// each time that it was plugged in.
  public private(set) var address: UInt8 = 0
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
    address = address == Self.lastAddress ? 1 : address + 1
    device = USBDevice(device.identity)
    isConnected = true
    configure()
  }

  /// Pulls the device out. Whatever was on its way is gone.
  public mutating func disconnect() {
    guard isConnected else { return }
    device.reset()
    dropCompletions()
    isConnected = false
  }

  /// Resets the device, and sets it up again.
  public mutating func reset() {
    resetBus()
    dropCompletions()
    configure()
  }

  /// Resets the device alone, so that its host can be told how its transfers ended.
  mutating func resetBus() { device.reset() }

  public mutating func submit(_ transfer: Transfer) -> Bool {
    guard isConnected, device.submit(transfer) else { return false }
    recorder?.record(.submitted(transfer), device: address)
    return true
  }

  /// Takes a transfer back, as `USBDevice.cancel` does.
  ///
  /// - Returns: whether it was held.
  public mutating func cancel(_ id: Transfer.ID) -> Bool {
    let cancelled = device.cancel(id)
    for transfer in cancelled {
      recorder?.record(.completed(Completion(transfer, .cancelled)), device: address)
    }
    return !cancelled.isEmpty
  }

  public mutating func nextCompletion() -> Completion? {
    guard let completion = device.nextCompletion() else { return nil }
    recorder?.record(.completed(completion), device: address)
    return completion
  }

  public var deviceDescriptor: [UInt8] { Descriptors.device(device.identity) }

  public var configurationDescriptor: [UInt8]? {
    device.state == .configured ? Descriptors.configuration : nil
  }

  /// While a report for the token waits.
  public var isBusy: Bool { hasOutput }

  public var hasOutput: Bool { device.hasOutput }

  public mutating func nextOutput() -> Report? { device.nextOutput() }

  public mutating func offer(_ report: Report) { device.offer(report) }

  /// Whether something happened that the token has not been told.
  public var hasBusChanged: Bool { device.hasBusChanged }

  /// Tells the token what happened to the bus, if something did.
  mutating func tellBusChange(to token: inout LiveToken) {
    if device.takeBusChange() { token.busChanged() }
  }

  /// The host that was there has gone, or another came.
  mutating func markBusChanged() { device.markBusChanged() }

  // MARK: Steps

  private mutating func configure() {
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
