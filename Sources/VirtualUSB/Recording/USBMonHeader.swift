import TokenCore

/// The header of Linux's usbmon in front of a transfer's data: struct usbmon_packet in
/// Documentation/usb/usbmon.rst, 64 bytes.
///
/// | at | bytes | |
/// | --- | --- | --- |
/// | 0 | 8 | the transfer's id |
/// | 8 | 1 | 'S' submitted, 'C' completed |
/// | 9 | 1 | 1 interrupt, 2 control |
/// | 10 | 1 | endpoint, bit 7 for IN |
/// | 11 | 1, 2 | device, bus |
/// | 14 | 1 | 0 if there is a setup packet, else '-' |
/// | 15 | 1 | 0 if there are data, else '<' for IN or '>' for OUT |
/// | 16 | 8, 4 | seconds since 1970, and microseconds |
/// | 28 | 4 | status, a negated errno |
/// | 32 | 4, 4 | bytes asked for or moved, and bytes that follow |
/// | 40 | 8 | setup packet |
/// | 48 | 4, 4, 4, 4 | interval, and three for isochronous transfers |
struct USBMonHeader {
  static let size = 64

  enum Stage: UInt8 {
    case submitted = 0x53
    case completed = 0x43
  }

  enum TransferKind: UInt8 {
    case interrupt = 1
    case control = 2
  }

  private static let bus: UInt16 = 1
  /// EINPROGRESS.
  private static let inProgress: Int32 = -115

  let id: UInt64
  let stage: Stage
  let kind: TransferKind
  let endpoint: UInt8
  let setup: SetupPacket?
  let status: Int32
  let length: Int
  let data: [UInt8]

  init(_ event: RecordedEvent) {
    let transfer: Transfer
    switch event {
    case .submitted(let submitted):
      transfer = submitted
      stage = .submitted
      status = Self.inProgress
    case .completed(let completion):
      transfer = completion.transfer
      stage = .completed
      status = completion.status.errno
    }
    id = transfer.id
    switch transfer.kind {
    case .control(let packet, let sent):
      kind = .control
      endpoint = packet.requestType & EndpointAddress.inputBit
      setup = stage == .submitted ? packet : nil
      data = event.data(sent)
      length = event.length(submitted: Int(packet.length))
    case .input(let number, let count):
      kind = .interrupt
      endpoint = number | EndpointAddress.inputBit
      setup = nil
      data = event.data([])
      length = event.length(submitted: count)
    case .output(let number, let sent):
      kind = .interrupt
      endpoint = number
      setup = nil
      data = event.data(sent)
      length = event.length(submitted: sent.count)
    }
  }

  /// The header and the data.
  func bytes(device: UInt8, at time: UnixTime) -> [UInt8] {
    let isInput = endpoint & EndpointAddress.inputBit != 0
    var bytes: [UInt8] = []
    bytes.append(littleEndian: id)
    bytes += [stage.rawValue, kind.rawValue, endpoint, device]
    bytes.append(littleEndian: Self.bus)
    bytes.append(setup == nil ? UInt8(ascii: "-") : 0)
    bytes.append(!data.isEmpty ? 0 : UInt8(ascii: isInput ? "<" : ">"))
    let microseconds = UInt64(max(time.microseconds, 0))
    bytes.append(littleEndian: microseconds / 1_000_000)
    bytes.append(littleEndian: UInt32(microseconds % 1_000_000))
    bytes.append(littleEndian: UInt32(bitPattern: status))
    bytes.append(littleEndian: UInt32(length))
    bytes.append(littleEndian: UInt32(data.count))
    bytes += setup?.bytes ?? [UInt8](repeating: 0, count: SetupPacket.size)
    bytes.append(littleEndian: kind == .interrupt ? UInt32(Descriptors.interval) : 0)
    bytes += [UInt8](repeating: 0, count: 12)
    return bytes + data
  }
}

extension RecordedEvent {
  /// The data that belong to this event: what the host sends goes with the beginning, what the
  /// device sent with the end.
  fileprivate func data(_ sent: [UInt8]) -> [UInt8] {
    switch self {
    case .submitted: sent
    case .completed(let completion): completion.data
    }
  }

  fileprivate func length(submitted: Int) -> Int {
    switch self {
    case .submitted: submitted
    case .completed(let completion): completion.count
    }
  }
}

extension Completion.Status {
  /// What Linux calls it, as a negated errno.
  var errno: Int32 {
    switch self {
    case .done: 0
    case .stalled: -32  // EPIPE
    case .overflowed: -75  // EOVERFLOW
    case .cancelled: -104  // ECONNRESET
    case .failed: -71  // EPROTO
    }
  }
}
