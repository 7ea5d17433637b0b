/// The packets of usbredir 0.7 (usb-redirection-protocol.txt): kind (4) ‖ length (4) ‖ id (4, or 8
/// where both sides can), then a header by kind, then data. All numbers are little-endian.
struct USBRedirPacket: Equatable {
  enum Kind: UInt32 {
    case hello = 0
    case deviceConnect = 1
    case deviceDisconnect = 2
    case reset = 3
    case interfaceInfo = 4
    case endpointInfo = 5
    case setConfiguration = 6
    case getConfiguration = 7
    case configurationStatus = 8
    case setAlternateSetting = 9
    case getAlternateSetting = 10
    case alternateSettingStatus = 11
    case startIsochronous = 12
    case stopIsochronous = 13
    case isochronousStatus = 14
    case startInterrupts = 15
    case stopInterrupts = 16
    case interruptStatus = 17
    case allocateStreams = 18
    case freeStreams = 19
    case streamStatus = 20
    case cancel = 21
    case filterReject = 22
    case filter = 23
    case disconnectAcknowledgement = 24
    case startBulk = 25
    case stopBulk = 26
    case bulkStatus = 27
    case control = 100
    case bulk = 101
    case isochronous = 102
    case interrupt = 103
    case bufferedBulk = 104
  }

  /// How a packet ended.
  enum Status: UInt8 {
    case success = 0
    case cancelled = 1
    case invalid = 2
    case failed = 3
    case stall = 4
    case timedOut = 5
    case babble = 6
  }

  let kind: Kind
  let id: UInt64
  let body: [UInt8]

  init(_ kind: Kind, id: UInt64 = 0, _ body: [UInt8] = []) {
    self.kind = kind
    self.id = id
    self.body = body
  }

  /// The longest body, in bytes: the header of a packet and what a control transfer can carry.
  static let longestBody: UInt32 = 65_535 + 32

  static func headSize(_ capabilities: USBRedirCapabilities) -> Int {
    capabilities.contains(.longIDs) ? 16 : 12
  }

  /// The packet that `bytes` begin with and its size; `nil` while there are too few of them. A packet
  /// of a kind that is not known has no `packet`, and is passed over.
  ///
  /// - Parameter capabilities: those of both sides; none for the first packet.
  static func parse(
    _ bytes: [UInt8], _ capabilities: USBRedirCapabilities
  ) throws(ProtocolViolation) -> (packet: USBRedirPacket?, size: Int)? {
    let headSize = headSize(capabilities)
    guard bytes.count >= headSize else { return nil }
    let length: UInt32 = bytes.littleEndian(at: 4)
    guard length <= longestBody else { throw .length(length) }
    let size = headSize + Int(length)
    guard bytes.count >= size else { return nil }
    let id =
      capabilities.contains(.longIDs)
      ? bytes.littleEndian(at: 8) as UInt64 : UInt64(bytes.littleEndian(at: 8) as UInt32)
    guard let kind = Kind(rawValue: bytes.littleEndian(at: 0)) else { return (nil, size) }
    return (USBRedirPacket(kind, id: id, Array(bytes[headSize..<size])), size)
  }

  func bytes(_ capabilities: USBRedirCapabilities) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: kind.rawValue)
    bytes.append(littleEndian: UInt32(body.count))
    if capabilities.contains(.longIDs) && kind != .hello {
      bytes.append(littleEndian: id)
    } else {
      bytes.append(littleEndian: UInt32(truncatingIfNeeded: id))
    }
    return bytes + body
  }
}

extension Completion.Status {
  var usbredir: USBRedirPacket.Status {
    switch self {
    case .done: .success
    case .stalled: .stall
    case .overflowed: .babble
    case .cancelled: .cancelled
    case .failed: .failed
    }
  }
}
