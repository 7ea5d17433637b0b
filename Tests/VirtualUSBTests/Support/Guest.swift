import Foundation

/// A usb-guest of the tests' own; written from usb-redirection-protocol.txt, not from the host's code.
final class Guest {
  let stream: Peer
  private let hasLongIDs: Bool
  private let hasPacketSizes: Bool
  private var isGreeted = false

  struct Packet: Equatable {
    let kind: UInt32
    let id: UInt64
    let body: [UInt8]
  }

  /// - Parameter capabilities: by their bits; 1, 2, 4, 5, 6 and 7 are QEMU's.
  init(_ stream: Peer, capabilities: [Int] = [1, 2, 4, 5, 6, 7]) {
    self.stream = stream
    hasLongIDs = capabilities.contains(5)
    hasPacketSizes = capabilities.contains(4)
    let bits = capabilities.reduce(UInt32(0)) { $0 | 1 << UInt32($1) }
    var hello = Array("test 1.0".utf8) + [UInt8](repeating: 0, count: 56)
    hello += Self.word(bits)
    send(0, hello)
  }

  /// Connects to a listening host, and takes its greeting up to the device's connection.
  static func connected(to path: String, capabilities: [Int] = [1, 2, 4, 5, 6, 7]) throws -> Guest {
    let guest = Guest(try Peer(unix: path), capabilities: capabilities)
    _ = guest.receive(1)
    return guest
  }

  // MARK: Packets

  func send(_ kind: UInt32, id: UInt64 = 0, _ body: [UInt8] = []) {
    stream.send(packet(kind, id: id, body))
  }

  func packet(_ kind: UInt32, id: UInt64 = 0, _ body: [UInt8] = []) -> [UInt8] {
    let low = Self.word(UInt32(truncatingIfNeeded: id))
    let high = hasLongIDs && kind != 0 ? Self.word(UInt32(truncatingIfNeeded: id >> 32)) : []
    return Self.word(kind) + Self.word(UInt32(body.count)) + low + high + body
  }

  func receive() -> Packet? {
    let idSize = hasLongIDs && isGreeted ? 8 : 4
    let head = stream.receive(8 + idSize)
    guard head.count == 8 + idSize else { return nil }
    isGreeted = true
    let length = Self.number(head, at: 4)
    let id = head[8...].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Packet(kind: Self.number(head, at: 0), id: id, body: stream.receive(Int(length)))
  }

  /// Drops packets until one is of that kind.
  func receive(_ kind: UInt32) -> Packet? {
    while let packet = receive() {
      if packet.kind == kind { return packet }
    }
    return nil
  }

  // MARK: Requests

  /// A control transfer: status and data.
  func control(id: UInt64, _ setup: [UInt8], data: [UInt8] = []) -> (status: UInt8, data: [UInt8])?
  {
    let head = [setup[0] & 0x80, setup[1], setup[0], 0] + setup[2..<8]
    send(100, id: id, head + data)
    guard let reply = receive(100), reply.id == id else { return nil }
    return (reply.body[3], Array(reply.body[10...]))
  }

  func output(id: UInt64, endpoint: UInt8 = 1, _ data: [UInt8]) {
    send(103, id: id, [endpoint, 0, UInt8(data.count & 0xFF), UInt8(data.count >> 8)] + data)
  }

  /// Starts receiving from an endpoint; the status.
  func startInterrupts(_ endpoint: UInt8 = 0x81) -> UInt8? {
    send(15, [endpoint])
    guard let reply = receive(17), reply.body[1] == endpoint else { return nil }
    return reply.body[0]
  }

  /// The next report of the device.
  func report() -> (id: UInt64, bytes: [UInt8])? {
    while let packet = receive(103) {
      if packet.body[0] == 0x81 { return (packet.id, Array(packet.body[4...])) }
    }
    return nil
  }

  /// Sets the configuration; the status.
  func configure(_ value: UInt8 = 1) -> UInt8? {
    send(6, id: 900, [value])
    return receive(8)?.body[0]
  }

  // MARK: Numbers

  static func word(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  static func number(_ bytes: [UInt8], at offset: Int) -> UInt32 {
    bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}
