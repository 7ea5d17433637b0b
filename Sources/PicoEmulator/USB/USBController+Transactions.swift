/// How a device answers a token.
enum Handshake: Equatable {
  case acknowledged
  /// Not now.
  case notAcknowledged
  case stalled
  /// No answer at all: nobody there, or nobody who understands.
  case silence
}

/// Transactions as the device controller handles them (RP2040 data sheet, 4.1.2.6). A transaction is
/// short against what firmware does, and so it happens at once.
extension USBController {
  /// SETUP is always taken, whatever the endpoint is at.
  ///
  /// - Parameter packet: 8 bytes.
  func setup(_ packet: [UInt8], address: Int) -> Handshake {
    guard answers(to: address) else { return .silence }
    memory.storeSetup(packet)
    stallArm = 0
    status |= Status.setupReceived
    touch(.input(0))
    touch(.output(0))
    schedule()
    return .acknowledged
  }

  enum InputAnswer: Equatable {
    case data(DataPID, [UInt8])
    case refused(Handshake)
  }

  /// What the device sends for an IN token. It is done when the host has acknowledged it.
  func input(_ endpoint: EndpointDirection, address: Int) -> InputAnswer {
    guard answers(to: address), isEnabled(endpoint) else { return .refused(.silence) }
    let buffer = memory.bufferControl(endpoint)
    if isStalling(endpoint, buffer) { return .refused(refuse(endpoint, .stalled)) }
    guard buffer.isAvailable, buffer.isFull, !isAborted(endpoint) else {
      return .refused(refuse(endpoint, .notAcknowledged))
    }
    touch(endpoint)
    return .data(buffer.pid, memory.packet(endpoint, length: buffer.length))
  }

  /// The host acknowledged the data, or did not.
  func finishInput(_ endpoint: EndpointDirection, isAcknowledged: Bool) {
    if isAcknowledged {
      status |= Status.acknowledged
      complete(endpoint, full: false, length: nil)
    } else {
      status |= Status.timeout
      schedule()
    }
  }

  /// An OUT token and its data.
  func output(
    _ endpoint: EndpointDirection, address: Int, _ pid: DataPID, _ packet: [UInt8]
  ) -> Handshake {
    guard answers(to: address), isEnabled(endpoint) else { return .silence }
    let buffer = memory.bufferControl(endpoint)
    if isStalling(endpoint, buffer) { return refuse(endpoint, .stalled) }
    guard buffer.isAvailable, !buffer.isFull, !isAborted(endpoint) else {
      return refuse(endpoint, .notAcknowledged)
    }
    touch(endpoint)
    guard pid == buffer.pid else {
      // The host may send a packet once more whose acknowledgement it missed. This one never does:
      // the firmware's toggle is wrong, and the packet is lost.
      status |= Status.sequenceError
      surroundings.report(
        .dataToggle, "\(endpoint) expects \(buffer.pid) and the host sends \(pid)")
      schedule()
      return .acknowledged
    }
    guard packet.count <= buffer.length else {
      status |= Status.overflow
      schedule()
      return .silence
    }
    memory.storePacket(endpoint, packet)
    complete(endpoint, full: true, length: packet.count)
    return .acknowledged
  }

  // MARK: Steps

  private func isEnabled(_ endpoint: EndpointDirection) -> Bool {
    endpoint.number == 0 || memory.control(endpoint) & 1 << 31 != 0
  }

  private func isStalling(_ endpoint: EndpointDirection, _ buffer: BufferControl) -> Bool {
    guard buffer.isStalled else { return false }
    return endpoint.number > 0 || stallArm & (endpoint.isInput ? 1 : 2) != 0
  }

  private func refuse(_ endpoint: EndpointDirection, _ handshake: Handshake) -> Handshake {
    let isWanted: Bool
    if endpoint.number == 0 {
      isWanted = isSet(
        handshake == .stalled ? Control.interruptForStall : Control.interruptForNak)
    } else {
      let bit: UInt32 = handshake == .stalled ? 1 << 17 : 1 << 16
      isWanted = memory.control(endpoint) & bit != 0
    }
    if isWanted {
      stallOrNak |= endpoint.bit
      schedule()
    }
    return handshake
  }

  private func complete(_ endpoint: EndpointDirection, full: Bool, length: Int?) {
    var buffer = memory.bufferControl(endpoint)
    buffer.rawValue &= ~(BufferControl.available | BufferControl.full)
    if full { buffer.rawValue |= BufferControl.full }
    if let length { buffer.rawValue = buffer.rawValue & ~BufferControl.lengthMask | UInt32(length) }
    memory.setBufferControl(endpoint, buffer)
    if buffer.isLast { status |= Status.transferComplete }
    let raises =
      endpoint.number == 0
      ? isSet(Control.interruptForBuffer) : memory.control(endpoint) & 1 << 29 != 0
    if raises { bufferStatus |= endpoint.bit }
    schedule()
  }
}
