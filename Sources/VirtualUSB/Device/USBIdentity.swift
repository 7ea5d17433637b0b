import TokenCore
import TokenSimulator

/// By what a host tells this device from others.
public struct USBIdentity: Hashable, Sendable {
  public var vendor = USBIdentifiers.vendorID
  public var product = USBIdentifiers.productID
  /// Binary-coded decimal, 1.00.
  public var release: UInt16 = 0x0100
  public var manufacturer = "\(USBIdentifiers.productName)"
  /// Says what it is, so that nobody takes it for hardware.
  public var name = "\(USBIdentifiers.productName) (simulated)"
  /// Sixteen hexadecimal digits.
  public var serialNumber: String

  public init(serialNumber: SerialNumber) {
    self.serialNumber = serialNumber.text
  }
}
