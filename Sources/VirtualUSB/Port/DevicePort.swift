/// A port of a USB host that lends the device in it to somebody else's host, such as a virtual
/// machine's: it gives the device an address and its configuration, and carries out transfers.
public protocol DevicePort {
  /// Whether a device is plugged in.
  var isConnected: Bool { get }
  /// Of the device that was plugged in last, 18 bytes (USB 2.0, 9.6.1).
  var deviceDescriptor: [UInt8] { get }
  /// The configuration that is set, with its interfaces and endpoints; `nil` while none is.
  var configurationDescriptor: [UInt8]? { get }
  /// Whether the device has enough to do already; its host is not listened to meanwhile.
  var isBusy: Bool { get }

  /// Plugs the device in, and sets it up.
  mutating func connect()

  /// Pulls the device out. Whatever was on its way is gone.
  mutating func disconnect()

  /// Resets the device, and sets it up again. Whatever was on its way is gone.
  mutating func reset()

  /// Takes a transfer. How it ends, `nextCompletion` will say: at once for a control transfer, and for
  /// one at an interrupt endpoint when the device has sent or taken all of it.
  ///
  /// - Returns: `false` if nothing is plugged in, or too many wait already; it is not kept then.
  mutating func submit(_ transfer: Transfer) -> Bool

  /// Takes a transfer back.
  ///
  /// - Returns: whether it was waiting. It does not complete then.
  mutating func cancel(_ id: Transfer.ID) -> Bool

  mutating func nextCompletion() -> Completion?
}
