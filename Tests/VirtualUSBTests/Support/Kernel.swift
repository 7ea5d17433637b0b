import Foundation

/// The kernel's uhid of the tests' own, at the other end of a socket that keeps messages apart; written
/// from linux/uhid.h, not from the device's code.
final class Kernel {
  private let stream: Peer
  /// For the device.
  let deviceEnd: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    let status = socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends)
    precondition(status == 0)
    stream = Peer(owning: ends[0])
    deviceEnd = ends[1]
    _ = fcntl(deviceEnd, F_SETFL, O_NONBLOCK)
  }

  // MARK: Events

  func send(_ bytes: [UInt8]) { stream.send(bytes) }

  private func event(_ kind: UInt32, _ fields: [UInt8] = []) {
    // Whole, as a kernel that extends its events sends them.
    send(Self.word(kind) + fields + [UInt8](repeating: 0, count: 4_372 - fields.count))
  }

  func start() { event(2, [UInt8](repeating: 0, count: 8)) }
  func stop() { event(3) }
  func open() { event(4) }
  func close() { event(5) }

  /// What a program writes, the report number in front.
  func output(_ bytes: [UInt8]) {
    let padding = [UInt8](repeating: 0, count: 4_096 - bytes.count)
    event(6, bytes + padding + [UInt8(bytes.count & 0xFF), UInt8(bytes.count >> 8), 1])
  }

  func getReport(id: UInt32, number: UInt8 = 0, kind: UInt8) {
    event(9, Self.word(id) + [number, kind])
  }

  func setReport(id: UInt32, number: UInt8 = 0, kind: UInt8, _ bytes: [UInt8]) {
    let size = [UInt8(bytes.count & 0xFF), UInt8(bytes.count >> 8)]
    event(13, Self.word(id) + [number, kind] + size + bytes)
  }

  // MARK: Messages

  struct Message: Equatable {
    let kind: UInt32
    let fields: [UInt8]

    /// A number of two bytes.
    func short(_ offset: Int) -> Int { Int(fields[offset]) | Int(fields[offset + 1]) << 8 }
    /// A number of four bytes.
    func word(_ offset: Int) -> UInt32 {
      fields[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    /// A text that a zero ends.
    func text(_ offset: Int) -> String {
      String(decoding: fields[offset...].prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// The device's next message; `nil` if none comes, or the device has gone.
  func message() -> Message? {
    guard stream.isReady(POLLIN, within: 20_000) else { return nil }
    var buffer = [UInt8](repeating: 0, count: 8_192)
    let count = recv(stream.socket, &buffer, buffer.count, 0)
    guard count >= 4 else { return nil }
    let bytes = Message(kind: 0, fields: Array(buffer.prefix(count)))
    return Message(kind: bytes.word(0), fields: Array(bytes.fields.dropFirst(4)))
  }

  /// Drops what the device says until it is of that kind.
  func message(_ kind: UInt32) -> Message? {
    while let message = message() {
      if message.kind == kind { return message }
    }
    return nil
  }

  func drain() { stream.drain() }

  private static func word(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
