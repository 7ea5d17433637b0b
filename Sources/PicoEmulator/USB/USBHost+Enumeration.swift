/// What a host learns of a device before it uses it.
public struct EnumeratedDevice: Equatable, Sendable {
  /// 18 bytes (USB 2.0, 9.6.1).
  public let deviceDescriptor: [UInt8]
  /// The first configuration, with its interfaces and endpoints.
  public let configurationDescriptor: [UInt8]

  public var vendorID: UInt16 { UInt16(deviceDescriptor[8]) | UInt16(deviceDescriptor[9]) << 8 }
  public var productID: UInt16 { UInt16(deviceDescriptor[10]) | UInt16(deviceDescriptor[11]) << 8 }
  public var configurationValue: UInt8 { configurationDescriptor[5] }

  /// The numbers of the first interrupt endpoints in each direction.
  public var interruptInput: Int? { interruptEndpoint(isInput: true) }
  public var interruptOutput: Int? { interruptEndpoint(isInput: false) }

  private func interruptEndpoint(isInput: Bool) -> Int? {
    descriptors.first {
      $0.count >= 7 && $0[1] == 5 && $0[2] & 0x80 == (isInput ? 0x80 : 0) && $0[3] & 3 == 3
    }.map { Int($0[2] & 0xF) }
  }

  /// The configuration descriptor, cut into those that it consists of. It ends at the first that is
  /// malformed.
  public var descriptors: [[UInt8]] { Self.descriptors(in: configurationDescriptor) }

  static func descriptors(in bytes: [UInt8]) -> [[UInt8]] {
    var descriptors: [[UInt8]] = []
    var rest = bytes[...]
    while let length = rest.first.map(Int.init), length >= 2, length <= rest.count {
      descriptors.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return descriptors
  }
}

extension USBHost {
  /// Resets the bus and does what a host does with a new device, up to SET_CONFIGURATION.
  ///
  /// - Parameter address: the one to give it, 1 to 127.
  @discardableResult
  public func enumerate(
    address: Int = 1, within length: Nanoseconds = .seconds(2)
  ) throws(EnumerationFailure) -> EnumeratedDevice {
    guard waitForDevice(within: length) else { throw .noDevice }
    reset()
    // Hosts ask for 64 bytes before they know the size of a packet, and reset once more after it.
    let start = try ask("GET_DESCRIPTOR (device, 64)", .descriptor(1, length: 64))
    guard start.count >= 8, [8, 16, 32, 64].contains(start[7]) else {
      throw .malformed("the start of the device descriptor")
    }
    reset()
    controlPacketSize = Int(start[7])
    try ask("SET_ADDRESS", .setAddress(address))
    let device = try ask("GET_DESCRIPTOR (device)", .descriptor(1, length: 18))
    guard device.count == 18, device[0] == 18, device[1] == 1 else {
      throw .malformed("the device descriptor")
    }
    let header = try ask("GET_DESCRIPTOR (configuration, 9)", .descriptor(2, length: 9))
    guard header.count == 9, header[1] == 2 else {
      throw .malformed("the start of the configuration descriptor")
    }
    let size = Int(header[2]) | Int(header[3]) << 8
    let configuration = try ask("GET_DESCRIPTOR (configuration)", .descriptor(2, length: size))
    guard configuration.count == size else { throw .malformed("the configuration descriptor") }
    try ask("SET_CONFIGURATION", .setConfiguration(configuration[5]))
    return EnumeratedDevice(deviceDescriptor: device, configurationDescriptor: configuration)
  }

  @discardableResult
  private func ask(
    _ step: String, _ request: ControlRequest
  ) throws(EnumerationFailure) -> [UInt8] {
    do throws(TransferFailure) {
      return try control(request)
    } catch {
      throw .transfer(step: step, error)
    }
  }
}
