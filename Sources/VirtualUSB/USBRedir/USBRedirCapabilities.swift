/// What a side of usbredir can do beyond version 0.3: bits of a number of 32.
struct USBRedirCapabilities: OptionSet {
  let rawValue: UInt32

  static let bulkStreams = Self(rawValue: 1 << 0)
  /// The device's release is told when it connects.
  static let deviceRelease = Self(rawValue: 1 << 1)
  static let filter = Self(rawValue: 1 << 2)
  /// A guest confirms that it knows that the device is gone. Without that, packets for that device
  /// cannot be told from those for the next.
  static let disconnectAcknowledgement = Self(rawValue: 1 << 3)
  /// Packet sizes are told with the endpoints.
  static let packetSizes = Self(rawValue: 1 << 4)
  /// Ids of 64 bits.
  static let longIDs = Self(rawValue: 1 << 5)
  /// Lengths of 32 bits in bulk packets.
  static let longBulk = Self(rawValue: 1 << 6)
  static let bulkReceiving = Self(rawValue: 1 << 7)

  /// Ours. QEMU's xHCI refuses a device without the last three of them.
  static let own: Self = [
    .deviceRelease, .disconnectAcknowledgement, .packetSizes, .longIDs, .longBulk,
  ]
}
