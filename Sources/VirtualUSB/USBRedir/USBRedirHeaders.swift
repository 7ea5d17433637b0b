import TokenCore

// What the host of the device tells of it, and its answers to requests.
extension USBRedirPacket {
  /// Endpoints and interfaces that the tables have room for: 16 OUT, then 16 IN.
  private static let tableSize = 32
  /// The type of an endpoint that is not there.
  private static let noEndpoint: UInt8 = 255
  private static let controlType: UInt8 = 0
  private static let fullSpeed: UInt8 = 1
  private static let versionSize = 64
  static let helloSize = versionSize

  /// version (64) ‖ capabilities (4)
  static let hello: USBRedirPacket = {
    var body: [UInt8] = []
    body.append("Watchfob", paddedTo: versionSize)
    body.append(littleEndian: USBRedirCapabilities.own.rawValue)
    return USBRedirPacket(.hello, body)
  }()

  /// What the peer's hello says that it can do; versions before 0.4 say nothing.
  var capabilities: USBRedirCapabilities {
    guard body.count >= Self.versionSize + 4 else { return [] }
    return USBRedirCapabilities(rawValue: body.littleEndian(at: Self.versionSize))
  }

  /// speed (1) ‖ class, subclass, protocol (3) ‖ vendor (2) ‖ product (2) ‖ release (2)
  ///
  /// - Parameter device: its descriptor, 18 bytes.
  static func deviceConnect(
    _ device: [UInt8], _ capabilities: USBRedirCapabilities
  ) -> USBRedirPacket {
    let isReleaseTold = capabilities.contains(.deviceRelease)
    return USBRedirPacket(
      .deviceConnect, [fullSpeed] + device[4..<7] + device[8..<(isReleaseTold ? 14 : 12)])
  }

  /// count (4) ‖ numbers (32) ‖ classes (32) ‖ subclasses (32) ‖ protocols (32)
  ///
  /// - Parameter configuration: what is set, with all that belongs to it; `nil` while nothing is.
  static func interfaceInfo(_ configuration: [UInt8]?) -> USBRedirPacket {
    // Only one setting of each has a place in the tables: the one that is chosen at first.
    let interfaces = Descriptors.list(in: configuration ?? [], .interface, size: 9)
      .filter { $0[3] == 0 }.prefix(tableSize)
    var body: [UInt8] = []
    body.append(littleEndian: UInt32(interfaces.count))
    // bInterfaceNumber, bInterfaceClass, bInterfaceSubClass, bInterfaceProtocol
    for offset in [2, 5, 6, 7] {
      body += interfaces.map { $0[offset] }
      body += repeatElement(0, count: tableSize - interfaces.count)
    }
    return USBRedirPacket(.interfaceInfo, body)
  }

  /// types (32) ‖ intervals (32) ‖ interfaces (32) ‖ packet sizes (32 × 2)
  ///
  /// - Parameter configuration: what is set, with all that belongs to it; `nil` while nothing is.
  static func endpointInfo(
    _ configuration: [UInt8]?, controlPacketSize: UInt8, _ capabilities: USBRedirCapabilities
  ) -> USBRedirPacket {
    var types = [UInt8](repeating: noEndpoint, count: tableSize)
    var intervals = [UInt8](repeating: 0, count: tableSize)
    var interfaces = [UInt8](repeating: 0, count: tableSize)
    var sizes = [UInt16](repeating: 0, count: tableSize)
    for direction in [0, EndpointAddress.inputBit] {
      types[index(direction)] = controlType
      sizes[index(direction)] = UInt16(controlPacketSize)
    }
    var interface: UInt8 = 0
    for descriptor in Descriptors.list(in: configuration ?? [], nil, size: 2) {
      switch DescriptorKind(rawValue: descriptor[1]) {
      case .interface where descriptor.count >= 9: interface = descriptor[2]
      case .endpoint where descriptor.count >= 7:
        let index = index(descriptor[2])
        types[index] = descriptor[3] & 3
        sizes[index] = descriptor.littleEndian(at: 4)
        intervals[index] = descriptor[6]
        interfaces[index] = interface
      default: break
      }
    }
    var body = types + intervals + interfaces
    if capabilities.contains(.packetSizes) {
      for size in sizes { body.append(littleEndian: size) }
    }
    return USBRedirPacket(.endpointInfo, body)
  }

  private static func index(_ address: UInt8) -> Int {
    Int(address & 0x0F) + (address & EndpointAddress.inputBit != 0 ? tableSize / 2 : 0)
  }

  // MARK: Control and interrupt packets

  /// endpoint ‖ request ‖ request type ‖ status ‖ value (2) ‖ index (2) ‖ length (2)
  static let controlHeadSize = 10
  /// endpoint ‖ status ‖ length (2)
  static let interruptHeadSize = 4

  /// The setup packet in the head of a control packet.
  var setup: SetupPacket {
    SetupPacket(
      requestType: body[2], request: body[1], value: body.littleEndian(at: 4),
      index: body.littleEndian(at: 6), length: body.littleEndian(at: 8))
  }

  /// The answer to a control packet: its own head with status and length filled in, and data.
  func controlReply(_ status: Status, count: Int, _ data: [UInt8]) -> USBRedirPacket {
    var head = Array(body.prefix(Self.controlHeadSize - 2))
    head[3] = status.rawValue
    head.append(littleEndian: UInt16(clamping: count))
    return USBRedirPacket(.control, id: id, head + data)
  }

  static func control(
    id: UInt64, _ setup: SetupPacket, _ status: Status, _ completion: Completion
  ) -> USBRedirPacket {
    var head = [
      setup.requestType & EndpointAddress.inputBit, setup.request, setup.requestType,
      status.rawValue,
    ]
    head.append(littleEndian: setup.value)
    head.append(littleEndian: setup.index)
    head.append(littleEndian: UInt16(clamping: completion.count))
    return USBRedirPacket(.control, id: id, head + completion.data)
  }

  static func interrupt(
    id: UInt64, endpoint: UInt8, _ status: Status, count: Int, _ data: [UInt8] = []
  ) -> USBRedirPacket {
    var body = [endpoint, status.rawValue]
    body.append(littleEndian: UInt16(clamping: count))
    return USBRedirPacket(.interrupt, id: id, body + data)
  }
}

// Answers to what a device without bulk and isochronous endpoints cannot do.
extension USBRedirPacket {
  /// `nil` if the packet is too short to be answered.
  func refusal(_ capabilities: USBRedirCapabilities) -> USBRedirPacket? {
    let status = Status.invalid.rawValue
    switch kind {
    case .bulk where body.count >= 8:
      // endpoint ‖ status ‖ length (2) ‖ stream (4) ‖ more length (2)
      let rest = [UInt8](repeating: 0, count: capabilities.contains(.longBulk) ? 2 : 0)
      return USBRedirPacket(.bulk, id: id, [body[0], status, 0, 0] + body[4..<8] + rest)
    case .startIsochronous where !body.isEmpty, .stopIsochronous where !body.isEmpty:
      return USBRedirPacket(.isochronousStatus, id: id, [status, body[0]])
    case .allocateStreams where body.count >= 8:
      // endpoints (4) ‖ count (4) ‖ status
      return USBRedirPacket(.streamStatus, id: id, body[0..<8] + [status])
    case .freeStreams where body.count >= 4:
      return USBRedirPacket(.streamStatus, id: id, body[0..<4] + [0, 0, 0, 0, status])
    default:
      return nil
    }
  }
}
