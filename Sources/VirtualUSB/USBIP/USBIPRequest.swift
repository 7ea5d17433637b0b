/// The messages of USB/IP after a device was imported: 48 bytes, and data behind them. All numbers
/// are big-endian.
///
/// | at | bytes | submit | unlink |
/// | --- | --- | --- | --- |
/// | 0 | 4 | 1 | 2 |
/// | 4 | 4 | number of this request | the same |
/// | 8 | 4 | device | the same |
/// | 12 | 4 | direction: 0 OUT, 1 IN | – |
/// | 16 | 4 | endpoint number | – |
/// | 20 | 4 | flags | number of the request to unlink |
/// | 24 | 4 | length of the transfer | – |
/// | 28 | 4, 4, 4 | three for isochronous transfers and intervals | – |
/// | 40 | 8 | setup packet | – |
enum USBIPRequest: Equatable {
  case submit(device: UInt32, Transfer)
  case unlink(device: UInt32, number: UInt32, target: UInt32)

  static let headerSize = 48
  /// The longest data that a request may have, in bytes: what a control transfer can carry, and more
  /// than the device takes.
  static let longestData: UInt32 = 65_535

  private enum Command: UInt32 {
    case submit = 1
    case unlink = 2
  }

  private enum Direction: UInt32 {
    case output = 0
    case input = 1
  }

  /// The request that `bytes` begin with, and how many of them it has; `nil` while there are too few.
  static func parse(
    _ bytes: [UInt8]
  ) throws(ProtocolViolation) -> (USBIPRequest, size: Int)? {
    guard bytes.count >= headerSize else { return nil }
    let number: UInt32 = bytes.bigEndian(at: 4)
    let device: UInt32 = bytes.bigEndian(at: 8)
    switch Command(rawValue: bytes.bigEndian(at: 0)) {
    case .submit:
      guard let (transfer, size) = try transfer(bytes, number) else { return nil }
      return (.submit(device: device, transfer), size)
    case .unlink:
      return (.unlink(device: device, number: number, target: bytes.bigEndian(at: 20)), headerSize)
    case nil:
      throw .kind(bytes.bigEndian(at: 0))
    }
  }

  private static func transfer(
    _ bytes: [UInt8], _ number: UInt32
  ) throws(ProtocolViolation) -> (Transfer, size: Int)? {
    guard let direction = Direction(rawValue: bytes.bigEndian(at: 12)),
      let endpoint = UInt8(exactly: bytes.bigEndian(at: 16) as UInt32), endpoint < 16
    else { throw .field }
    let length: UInt32 = bytes.bigEndian(at: 24)
    guard length <= longestData else { throw .length(length) }
    let size = headerSize + (direction == .output ? Int(length) : 0)
    guard bytes.count >= size else { return nil }
    let data = Array(bytes[headerSize..<size])
    let kind: Transfer.Kind =
      switch (endpoint, direction) {
      case (0, _):
        .control(
          SetupPacket(parsing: bytes[40..<48]).limited(to: length, direction == .input), data: data)
      case (_, .input): .input(endpoint: endpoint, length: Int(length))
      case (_, .output): .output(endpoint: endpoint, data: data)
      }
    return (Transfer(id: UInt64(number), kind), size)
  }

  // MARK: Replies

  private static let submitReply: UInt32 = 3
  private static let unlinkReply: UInt32 = 4
  private static let noRoom: Int32 = -12  // ENOMEM
  /// In place of a number of isochronous packets.
  private static let notIsochronous = UInt32.max

  static func reply(_ completion: Completion) -> [UInt8] {
    submitReply(
      UInt32(truncatingIfNeeded: completion.transfer.id), completion.status.usbipStatus,
      count: completion.count) + completion.data
  }

  /// The reply to a request that there is no room for.
  static func refusal(_ transfer: Transfer) -> [UInt8] {
    submitReply(UInt32(truncatingIfNeeded: transfer.id), noRoom, count: 0)
  }

  private static func submitReply(_ number: UInt32, _ status: Int32, count: Int) -> [UInt8] {
    var bytes = head(submitReply, number, status)
    bytes.append(bigEndian: UInt32(count))
    bytes.append(bigEndian: UInt32(0))
    bytes.append(bigEndian: notIsochronous)
    return bytes + [UInt8](repeating: 0, count: headerSize - bytes.count)
  }

  /// - Parameter wasHeld: whether the unlinked request gets no reply of its own.
  static func reply(unlink number: UInt32, wasHeld: Bool) -> [UInt8] {
    let bytes = head(unlinkReply, number, wasHeld ? Completion.Status.cancelled.errno : 0)
    return bytes + [UInt8](repeating: 0, count: headerSize - bytes.count)
  }

  private static func head(_ command: UInt32, _ number: UInt32, _ status: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: command)
    bytes.append(bigEndian: number)
    // Device, direction and endpoint are for requests only.
    bytes += [UInt8](repeating: 0, count: 12)
    bytes.append(bigEndian: UInt32(bitPattern: status))
    return bytes
  }
}

extension SetupPacket {
  /// As the host's buffer allows: no more is sent to it than it has room for. A direction that is not
  /// the packet's own is left to the device to refuse.
  fileprivate func limited(to length: UInt32, _ isInput: Bool) -> SetupPacket {
    var setup = self
    if isInput && self.isInput { setup.length = min(setup.length, UInt16(clamping: length)) }
    return setup
  }
}

extension Completion.Status {
  /// What the other system's driver is told. A transfer that the device dropped was not the driver's
  /// wish: its device is shut down.
  fileprivate var usbipStatus: Int32 {
    let shutDown: Int32 = -108  // ESHUTDOWN
    return self == .cancelled ? shutDown : errno
  }
}

extension Transfer {
  /// Whether it is a hub's SET_FEATURE (PORT_RESET), by which a system at the other end asks for a reset of
  /// the port that the device is in.
  var resetsPort: Bool {
    guard case .control(let setup, _) = kind else { return false }
    return setup.requestType == 0x23 && setup.request == 3 && setup.value == 4
  }
}
