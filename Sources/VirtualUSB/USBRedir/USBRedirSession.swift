import TokenCore

/// The conversation with a usb-guest, such as QEMU, without the socket it goes through: packets in,
/// bytes out.
///
/// A usb-host keeps an IN endpoint polled by itself while the guest wishes to receive from it. So
/// this keeps one transfer waiting there, and passes on what comes.
struct USBRedirSession<Port: DevicePort> {
  var port: Port
  /// What both sides can do; `nil` until the guest has said hello.
  private(set) var capabilities: USBRedirCapabilities?
  /// For the guest; whoever sends them takes them from here.
  var output: [UInt8] = []
  /// Whether the guest's own filter let the device in.
  private(set) var isFiltered = false
  private var isReceiving = false
  /// Whether the guest knows of a device that is plugged in. What it sends before that is for a device
  /// that is gone.
  private var isAnnounced = false
  /// Whether the guest was told that its device is gone, and has not confirmed it. Until then, what it
  /// sends is for that device, even if there is another one.
  private var awaitsAcknowledgement = false
  /// The id of the next report for the guest.
  private var interruptID: UInt64 = 0

  /// The name of the transfer that waits at the IN endpoint. No guest's packet has a transfer in that
  /// direction.
  static var inputID: Transfer.ID { .max }

  init(_ port: Port) {
    self.port = port
  }

  // MARK: The cable and the connection

  mutating func connect() {
    port.connect()
    isFiltered = false
    announce()
  }

  mutating func disconnect() {
    port.disconnect()
    isReceiving = false
    guard isAnnounced else { return }
    isAnnounced = false
    send(USBRedirPacket(.deviceDisconnect))
    awaitsAcknowledgement = capabilities?.contains(.disconnectAcknowledgement) ?? false
  }

  /// Begins anew with another guest.
  mutating func begin() {
    end()
    output = []
    send(.hello)
  }

  /// The guest is gone.
  mutating func end() {
    capabilities = nil
    isReceiving = false
    isFiltered = false
    isAnnounced = false
    awaitsAcknowledgement = false
    if port.isConnected { port.reset() }
  }

  /// Tells the guest of the device, if there is one, and a guest that may be told now.
  private mutating func announce() {
    guard let capabilities, port.isConnected, !awaitsAcknowledgement else { return }
    isAnnounced = true
    describe()
    send(.deviceConnect(port.deviceDescriptor, capabilities))
  }

  /// Endpoints first, as the protocol wants it.
  mutating func describe() {
    let configuration = port.configurationDescriptor
    let packetSize = port.deviceDescriptor[7]
    send(.endpointInfo(configuration, controlPacketSize: packetSize, capabilities ?? []))
    send(.interfaceInfo(configuration))
  }

  /// Tells the guest what has ended.
  mutating func tell() {
    while let completion = port.nextCompletion() { answer(completion) }
  }

  var isListening: Bool { isReceiving }

  // MARK: Packets

  mutating func receive(_ packet: USBRedirPacket) throws(ProtocolViolation) {
    guard capabilities != nil else { return try greet(packet) }
    switch packet.kind {
    case .hello: throw .kind(packet.kind.rawValue)
    case .disconnectAcknowledgement:
      guard awaitsAcknowledgement else { return }
      awaitsAcknowledgement = false
      announce()
    case .filterReject: isFiltered = isAnnounced
    default:
      // A guest has no endpoints, and no patience, for answers of a device that is gone.
      if isAnnounced { carryOut(packet) }
    }
  }

  /// What the guest wants of the device that it knows.
  private mutating func carryOut(_ packet: USBRedirPacket) {
    switch packet.kind {
    case .reset: reset()
    case .setConfiguration: setConfiguration(packet)
    case .getConfiguration: getConfiguration(packet)
    case .setAlternateSetting: setAlternateSetting(packet)
    case .getAlternateSetting: getAlternateSetting(packet)
    case .startInterrupts: startInterrupts(packet)
    case .stopInterrupts: stopInterrupts(packet)
    case .cancel: cancel(packet)
    case .control: control(packet)
    case .interrupt: interrupt(packet)
    case .bulk, .startIsochronous, .stopIsochronous, .allocateStreams, .freeStreams:
      if let refusal = packet.refusal(capabilities ?? []) { send(refusal) }
    // What asks for no answer, what only we may send, and what we never said that we can.
    case .hello, .filter, .filterReject, .disconnectAcknowledgement, .isochronous, .deviceConnect,
      .deviceDisconnect, .interfaceInfo, .endpointInfo, .configurationStatus,
      .alternateSettingStatus, .isochronousStatus, .interruptStatus, .streamStatus, .startBulk,
      .stopBulk, .bulkStatus, .bufferedBulk:
      break
    }
  }

  private mutating func greet(_ packet: USBRedirPacket) throws(ProtocolViolation) {
    guard packet.kind == .hello else { throw .kind(packet.kind.rawValue) }
    guard packet.body.count >= USBRedirPacket.helloSize else {
      throw .length(UInt32(packet.body.count))
    }
    capabilities = packet.capabilities.intersection(.own)
    announce()
  }

  private mutating func reset() {
    guard port.isConnected else { return }
    port.reset()
    if isReceiving { submitInput() }
  }

  private mutating func control(_ packet: USBRedirPacket) {
    guard packet.body.count >= USBRedirPacket.controlHeadSize else { return }
    let setup = packet.setup
    let data = Array(packet.body.dropFirst(USBRedirPacket.controlHeadSize))
    guard packet.body[0] == setup.requestType & EndpointAddress.inputBit,
      data.count == (setup.isInput ? 0 : Int(setup.length))
    else { return send(packet.controlReply(.invalid, count: 0, [])) }
    guard port.submit(Transfer(id: packet.id, .control(setup, data: data))) else {
      return send(packet.controlReply(.failed, count: 0, []))
    }
    tell()
  }

  // MARK: Interrupts

  private mutating func interrupt(_ packet: USBRedirPacket) {
    guard packet.body.count >= USBRedirPacket.interruptHeadSize else { return }
    let endpoint = packet.body[0]
    let data = Array(packet.body.dropFirst(USBRedirPacket.interruptHeadSize))
    let length: UInt16 = packet.body.littleEndian(at: 2)
    guard endpoint & EndpointAddress.inputBit == 0, data.count == Int(length) else {
      return send(.interrupt(id: packet.id, endpoint: endpoint, .invalid, count: 0))
    }
    guard port.submit(Transfer(id: packet.id, .output(endpoint: endpoint, data: data))) else {
      return send(.interrupt(id: packet.id, endpoint: endpoint, .failed, count: 0))
    }
    tell()
  }

  private mutating func startInterrupts(_ packet: USBRedirPacket) {
    guard let endpoint = packet.body.first else { return }
    guard EndpointAddress(rawValue: endpoint) == .input, port.configurationDescriptor != nil else {
      return sendStatus(.invalid, endpoint, id: packet.id)
    }
    sendStatus(.success, endpoint, id: packet.id)
    guard !isReceiving else { return }
    isReceiving = true
    interruptID = 0
    submitInput()
  }

  private mutating func stopInterrupts(_ packet: USBRedirPacket) {
    guard let endpoint = packet.body.first else { return }
    guard EndpointAddress(rawValue: endpoint) == .input else {
      return sendStatus(.invalid, endpoint, id: packet.id)
    }
    isReceiving = false
    _ = port.cancel(Self.inputID)
    sendStatus(.success, endpoint, id: packet.id)
  }

  private mutating func submitInput() {
    let kind = Transfer.Kind.input(endpoint: EndpointAddress.input.number, length: Report.size)
    _ = port.submit(Transfer(id: Self.inputID, kind))
    tell()
  }

  /// Only transfers to the OUT endpoint ever wait. One that has ended was answered already.
  private mutating func cancel(_ packet: USBRedirPacket) {
    guard packet.id != Self.inputID, port.cancel(packet.id) else { return }
    let endpoint = EndpointAddress.output.rawValue
    send(.interrupt(id: packet.id, endpoint: endpoint, .cancelled, count: 0))
  }

  // MARK: Completions

  mutating func answer(_ completion: Completion) {
    let (id, status) = (completion.transfer.id, completion.status.usbredir)
    switch completion.transfer.kind {
    case .control(let setup, _):
      send(.control(id: id, setup, status, completion))
    case .output(let endpoint, _):
      send(.interrupt(id: id, endpoint: endpoint, status, count: completion.count))
    case .input:
      answerInput(completion)
    }
  }

  private mutating func answerInput(_ completion: Completion) {
    let endpoint = EndpointAddress.input.rawValue
    switch completion.status {
    case .done:
      send(
        .interrupt(
          id: interruptID, endpoint: endpoint, .success, count: completion.count, completion.data))
      interruptID += 1
      if isReceiving { submitInput() }
    case .stalled, .overflowed, .failed:
      // What stops without the guest's wish is always told as a stall.
      isReceiving = false
      sendStatus(.stall, endpoint, id: 0)
    case .cancelled:
      isReceiving = false
    }
  }

  private mutating func sendStatus(
    _ status: USBRedirPacket.Status, _ endpoint: UInt8, id: UInt64
  ) {
    send(USBRedirPacket(.interruptStatus, id: id, [status.rawValue, endpoint]))
  }

  mutating func send(_ packet: USBRedirPacket) {
    output += packet.bytes(capabilities ?? [])
  }
}

/// The token's side of a device that a model answers for.
extension USBRedirSession<USBPort> {
  mutating func nextOutput() -> Report? {
    defer { tell() }
    return port.nextOutput()
  }

  var wantsInput: Bool { isListening && port.device.wantsInput }

  mutating func offer(_ report: Report) {
    guard isListening else { return }
    port.offer(report)
    tell()
  }
}
