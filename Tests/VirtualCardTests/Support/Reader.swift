import Glibc

@testable import VirtualCard

/// A reader as vpcd is one: it listens on the loopback for a card, and asks it things.
final class Reader {
  private let listener: Int32
  private var card: Int32 = -1
  private(set) var port: UInt16 = 0

  /// - Parameters:
  ///   - port: where to listen; 0 for wherever there is room.
  ///   - bufferSize: bytes that the system keeps for it in either direction; nil for as many as it
  ///     likes.
  init(port: UInt16 = 0, bufferSize: Int32? = nil) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var isOn: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
    if var bufferSize {
      for option in [SO_RCVBUF, SO_SNDBUF] {
        setsockopt(listener, SOL_SOCKET, option, &bufferSize, socklen_t(MemoryLayout<Int32>.size))
      }
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 4) == 0
          && getsockname(listener, $0, &size) == 0
      }
    }
    self.listener = listener
    guard status else { throw Failure.system(errno) }
    self.port = UInt16(bigEndian: address.sin_port)
  }

  deinit {
    eject()
    close(listener)
  }

  enum Failure: Error {
    case system(Int32)
    case noCard
    case noAnswer
  }

  /// Waits for a card.
  func takeCard() throws {
    eject()
    guard Self.isReadable(listener, within: 20_000) else { throw Failure.noCard }
    card = accept(listener, nil, nil)
    guard card >= 0 else { throw Failure.system(errno) }
  }

  /// Waits for a card and asks for its ATR, as pcscd does.
  @discardableResult
  func powerUp() throws -> [UInt8] {
    try takeCard()
    send(control: .powerOn)
    send(control: .answerToReset)
    return try receive()
  }

  /// Lets go of the card.
  func eject() {
    guard card >= 0 else { return }
    close(card)
    card = -1
  }

  func send(control: ReaderControl) {
    send(frame: [control.rawValue])
  }

  func send(frame payload: [UInt8]) {
    send(raw: ReaderRequest.frame(payload))
  }

  func send(raw bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(card, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  /// Sends `bytes` again and again, without waiting, until the system takes no more of it for half a
  /// second.
  ///
  /// - Returns: how many bytes went.
  func pourOut(_ bytes: [UInt8]) -> Int {
    var total = 0
    while true {
      let start = total % bytes.count
      let count = bytes[start...].withUnsafeBytes {
        Glibc.send(card, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count > 0 {
        total += count
      } else {
        var entry = pollfd(fd: card, events: Int16(POLLOUT), revents: 0)
        guard poll(&entry, 1, 500) > 0, entry.revents & Int16(POLLERR) == 0 else { return total }
      }
    }
  }

  /// The card's next frame.
  func receive() throws -> [UInt8] {
    let header = try receive(raw: ReaderRequest.headerSize)
    return try receive(raw: Int(header[0]) << 8 | Int(header[1]))
  }

  /// Asks, and waits for the answer.
  func ask(_ command: [UInt8]) throws -> [UInt8] {
    send(frame: command)
    return try receive()
  }

  /// Whether the card is taken out.
  func isCardOut() -> Bool {
    var byte: UInt8 = 0
    return Self.isReadable(card, within: 20_000) && recv(card, &byte, 1, 0) <= 0
  }

  private func receive(raw count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      guard Self.isReadable(card, within: 20_000) else { throw Failure.noAnswer }
      var buffer = [UInt8](repeating: 0, count: count - bytes.count)
      let step = recv(card, &buffer, buffer.count, 0)
      guard step > 0 else { throw Failure.noAnswer }
      bytes += buffer.prefix(step)
    }
    return bytes
  }

  private static func isReadable(_ descriptor: Int32, within milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, milliseconds) > 0
  }
}
