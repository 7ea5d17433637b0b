/// The host at the other end of the emulated Pico's cable: whole transfers, which it takes apart
/// into transactions and repeats as a host controller does (USB 2.0, 8.4 to 8.6 and 9.2.6).
///
/// Each call lets the Pico run as long as what it does takes on a full-speed bus, and longer where
/// the device makes it wait. It keeps the data toggles, and follows the requests that go through
/// `control`: after SET_ADDRESS it uses the new address.
public final class USBHost {
  private unowned let pico: Pico
  private var controller: USBController { pico.controller }
  /// The device's, as the host knows it; 0 after a reset.
  public private(set) var address = 0
  /// Of endpoint 0: 64 until `enumerate` has read it.
  public internal(set) var controlPacketSize = 64
  private var toggles: [EndpointDirection: DataPID] = [:]

  /// How long a device may let the host wait for a stage of a control transfer.
  public static let patience = Nanoseconds.milliseconds(500)

  /// The largest packet of a full-speed interrupt endpoint.
  public static let packetSize = 64

  init(_ pico: Pico) {
    self.pico = pico
  }

  // MARK: The cable

  /// Whether a device is there: it has power, and pulls the line up.
  public var isDeviceAttached: Bool { controller.isAttached }

  /// Waits for a device.
  @discardableResult
  public func waitForDevice(within length: Nanoseconds = .seconds(2)) -> Bool {
    pico.run(for: length) { isDeviceAttached }
  }

  /// A reset of the bus: 10 ms of it, and 10 ms until the device is asked something. Frames start.
  public func reset() {
    address = 0
    toggles = [:]
    controlPacketSize = 64
    controller.setLine(.idle)
    controller.setLine(.reset)
    pico.run(for: .milliseconds(10))
    controller.setLine(.active)
    pico.run(for: .milliseconds(10))
  }

  /// The bus falls silent. After 3 ms a device sees that.
  public func suspend() {
    controller.setLine(.idle)
  }

  /// Wakes a suspended bus: 20 ms of it, then frames, and 10 ms until the device is asked something.
  public func resume() {
    controller.setLine(.resuming)
    pico.run(for: .milliseconds(20))
    controller.setLine(.active)
    pico.run(for: .milliseconds(10))
  }

  /// Whether the device asked to be woken since this was looked at last.
  public func takeWakeRequest() -> Bool { controller.takeResumeRequest() }

  // MARK: Control transfers

  /// - Parameters:
  ///   - data: what the host sends; as long as the request says, and empty if the device sends.
  ///   - patience: for each stage.
  /// - Returns: what the device sent.
  @discardableResult
  public func control(
    _ request: ControlRequest, data: [UInt8] = [], patience: Nanoseconds = USBHost.patience
  ) throws(TransferFailure) -> [UInt8] {
    precondition(data.count == (request.isInput ? 0 : Int(request.length)))
    try setup(request)
    toggles[.input(0)] = .data1
    toggles[.output(0)] = .data1
    var received: [UInt8] = []
    if request.isInput, request.length > 0 {
      received = try inputStage(length: Int(request.length), patience)
    }
    var position = 0
    while position < data.count {
      let end = min(position + controlPacketSize, data.count)
      try send(.output(0), Array(data[position..<end]), patience)
      position = end
    }
    // The status stage goes the other way, and is always DATA1.
    toggles[.input(0)] = .data1
    toggles[.output(0)] = .data1
    if request.isInput, request.length > 0 {
      try send(.output(0), [], patience)
    } else {
      guard try receive(.input(0), patience).isEmpty else { throw .overflowed }
    }
    follow(request)
    return received
  }

  private func setup(_ request: ControlRequest) throws(TransferFailure) {
    for _ in 0..<3 {
      let handshake = controller.setup(request.bytes, address: address)
      pico.run(for: Self.duration(8))
      if handshake == .acknowledged { return }
    }
    throw .silence
  }

  private func inputStage(
    length: Int, _ patience: Nanoseconds
  ) throws(TransferFailure) -> [UInt8] {
    var received: [UInt8] = []
    while received.count < length {
      let packet = try receive(.input(0), patience)
      received += packet
      guard packet.count <= controlPacketSize, received.count <= length else { throw .overflowed }
      if packet.count < controlPacketSize { break }
    }
    return received
  }

  /// What a request that succeeded means for the host.
  private func follow(_ request: ControlRequest) {
    switch request.standard {
    case .setAddress:
      address = Int(request.value & 0x7F)
      pico.run(for: .milliseconds(2))
    case .setConfiguration, .setInterface:
      toggles = [:]
    case .clearFeature where request.requestType == 2 && request.value == 0:
      let number = Int(request.index & 0xF)
      toggles[request.index & 0x80 != 0 ? .input(number) : .output(number)] = .data0
    default: break
    }
  }

  // MARK: Interrupt endpoints

  /// One IN transaction.
  ///
  /// - Returns: `nil` if the device has nothing to send.
  public func poll(_ number: Int) throws(TransferFailure) -> [UInt8]? {
    try transact(.input(number))
  }

  /// One OUT transaction.
  ///
  /// - Parameter packet: `packetSize` bytes at most.
  /// - Returns: whether the device took it.
  public func offer(_ packet: [UInt8], to number: Int) throws(TransferFailure) -> Bool {
    precondition(packet.count <= Self.packetSize)
    return try transact(.output(number), packet)
  }

  /// Polls once a frame.
  ///
  /// - Returns: `nil` if nothing came within `length`.
  public func read(_ number: Int, within length: Nanoseconds) throws(TransferFailure) -> [UInt8]? {
    let end = pico.now + length
    while true {
      if let packet = try poll(number) { return packet }
      guard pico.now < end else { return nil }
      pico.run(until: min(end, pico.now + USBController.frame))
    }
  }

  /// Offers the packet once a frame until the device takes it.
  public func write(
    _ packet: [UInt8], to number: Int, within length: Nanoseconds = USBHost.patience
  ) throws(TransferFailure) {
    let end = pico.now + length
    while try !offer(packet, to: number) {
      guard pico.now < end else { throw .timedOut }
      pico.run(until: min(end, pico.now + USBController.frame))
    }
  }

  // MARK: Transactions

  /// Between one try of a control transfer's stage and the next.
  private static let retryInterval = Nanoseconds.microseconds(20)

  private func receive(
    _ endpoint: EndpointDirection, _ patience: Nanoseconds
  ) throws(TransferFailure) -> [UInt8] {
    let end = pico.now + patience
    while true {
      if let packet = try transact(endpoint) { return packet }
      guard pico.now < end else { throw .timedOut }
      pico.run(for: Self.retryInterval)
    }
  }

  private func send(
    _ endpoint: EndpointDirection, _ packet: [UInt8], _ patience: Nanoseconds
  ) throws(TransferFailure) {
    let end = pico.now + patience
    while try !transact(endpoint, packet) {
      guard pico.now < end else { throw .timedOut }
      pico.run(for: Self.retryInterval)
    }
  }

  /// - Returns: `nil` for NAK.
  private func transact(_ endpoint: EndpointDirection) throws(TransferFailure) -> [UInt8]? {
    for _ in 0..<3 {
      switch controller.input(endpoint, address: address) {
      case .data(let pid, let packet):
        controller.finishInput(endpoint, isAcknowledged: true)
        pico.run(for: Self.duration(packet.count))
        let expected = toggles[endpoint] ?? .data0
        guard pid == expected else {
          // To a host this is the packet before, sent once more; it drops it.
          pico.report(.dataToggle, "\(endpoint) sends \(pid) and the host expects \(expected)")
          return nil
        }
        toggles[endpoint] = expected.toggled
        guard packet.count <= Self.packetSize else { throw .overflowed }
        return packet
      case .refused(let handshake):
        pico.run(for: Self.duration(0))
        switch handshake {
        case .stalled: throw .stalled
        case .silence: continue
        case .acknowledged, .notAcknowledged: return nil
        }
      }
    }
    throw .silence
  }

  /// - Returns: `false` for NAK.
  private func transact(
    _ endpoint: EndpointDirection, _ packet: [UInt8]
  ) throws(TransferFailure) -> Bool {
    let pid = toggles[endpoint] ?? .data0
    for _ in 0..<3 {
      let handshake = controller.output(endpoint, address: address, pid, packet)
      pico.run(for: Self.duration(packet.count))
      switch handshake {
      case .acknowledged:
        toggles[endpoint] = pid.toggled
        return true
      case .notAcknowledged: return false
      case .stalled: throw .stalled
      case .silence: continue
      }
    }
    throw .silence
  }

  /// On a bus of 12 Mbit/s: token, data, handshake, the gaps between them, and stuffed bits.
  private static func duration(_ byteCount: Int) -> Nanoseconds {
    Nanoseconds(UInt64(13 + byteCount * 7 / 6) * 8 * 1_000 / 12)
  }
}
