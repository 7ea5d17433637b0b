import TokenCore

/// The client of USB/IP, as far as the tests need it; written from the protocol's description, not from
/// the server's code.
final class USBIPPeer {
  let stream: Peer
  private var number: UInt32 = 0
  /// As the import told it.
  private(set) var device: UInt32 = 0

  init(_ port: UInt16) throws {
    stream = try Peer(tcp: port)
  }

  struct Reply: Equatable {
    let command: UInt32
    let number: UInt32
    let status: Int32
    let count: UInt32
    let data: [UInt8]
  }

  // MARK: Operations

  /// The number of devices, and what is told of the first.
  func list() -> (count: UInt32, device: [UInt8])? {
    stream.send([0x01, 0x11, 0x80, 0x05, 0, 0, 0, 0])
    let head = stream.receive(12)
    guard head.prefix(8) == [0x01, 0x11, 0x00, 0x05, 0, 0, 0, 0] else { return nil }
    let count = Self.number(head, at: 8)
    return (count, count == 0 ? [] : stream.receive(312 + 4))
  }

  /// The status of the reply, 0 if the device is lent.
  func attach(busID: String = "1-1") -> UInt32? {
    var request: [UInt8] = [0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0]
    request += Array(busID.utf8) + [UInt8](repeating: 0, count: 32 - busID.utf8.count)
    stream.send(request)
    let head = stream.receive(8)
    guard head.prefix(4) == [0x01, 0x11, 0x00, 0x03] else { return nil }
    let status = Self.number(head, at: 4)
    if status == 0 {
      let description = stream.receive(312)
      device = Self.number(description, at: 288) << 16 | Self.number(description, at: 292)
    }
    return status
  }

  // MARK: Requests

  static func submit(
    number: UInt32, device: UInt32, isInput: Bool, endpoint: UInt32, length: UInt32,
    setup: [UInt8] = [UInt8](repeating: 0, count: 8), data: [UInt8] = []
  ) -> [UInt8] {
    let words: [UInt32] = [
      1, number, device, isInput ? 1 : 0, endpoint, 0, length, 0, 0xFFFF_FFFF, 4,
    ]
    return words.flatMap(bytes) + setup + data
  }

  static func unlink(number: UInt32, device: UInt32, target: UInt32) -> [UInt8] {
    ([2, number, device, 0, 0, target] as [UInt32]).flatMap(bytes)
      + [UInt8](repeating: 0, count: 24)
  }

  /// Submits a transfer and returns its number.
  @discardableResult
  func submit(
    isInput: Bool, endpoint: UInt32, length: Int, setup: [UInt8]? = nil, data: [UInt8] = []
  ) -> UInt32 {
    number += 1
    stream.send(
      Self.submit(
        number: number, device: device, isInput: isInput, endpoint: endpoint,
        length: UInt32(length), setup: setup ?? [UInt8](repeating: 0, count: 8), data: data))
    return number
  }

  @discardableResult
  func unlink(_ target: UInt32) -> UInt32 {
    number += 1
    stream.send(Self.unlink(number: number, device: device, target: target))
    return number
  }

  /// The next reply. `lengths` says of which requests the reply has data behind it: those to IN.
  func reply(isInput: (UInt32) -> Bool) -> Reply? {
    let head = stream.receive(48)
    guard head.count == 48 else { return nil }
    let (command, number) = (Self.number(head, at: 0), Self.number(head, at: 4))
    let count = Self.number(head, at: 24)
    let data = command == 3 && isInput(number) ? stream.receive(Int(count)) : []
    return Reply(
      command: command, number: number, status: Int32(bitPattern: Self.number(head, at: 20)),
      count: count, data: data)
  }

  /// A control transfer to the device; the data of its reply, `nil` for a STALL.
  func control(_ setup: [UInt8], data: [UInt8] = []) -> [UInt8]? {
    let isInput = setup[0] & 0x80 != 0
    let length = isInput ? Int(setup[6]) | Int(setup[7]) << 8 : data.count
    let number = submit(isInput: isInput, endpoint: 0, length: length, setup: setup, data: data)
    guard let reply = reply(isInput: { _ in isInput }), reply.number == number, reply.status == 0
    else { return nil }
    return reply.data
  }

  /// Sends a report, and takes the token's next one.
  func exchange(_ report: [UInt8]) -> [UInt8]? {
    let input = submit(isInput: true, endpoint: 1, length: 64)
    let output = submit(isInput: false, endpoint: 1, length: 64, data: report)
    var answer: [UInt8]?
    for _ in 0..<2 {
      guard let reply = reply(isInput: { $0 == input }), reply.status == 0 else { return nil }
      if reply.number == input { answer = reply.data } else if reply.number != output { return nil }
    }
    return answer
  }

  // MARK: Numbers

  private static func bytes(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
  }

  static func number(_ bytes: [UInt8], at offset: Int) -> UInt32 {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}
