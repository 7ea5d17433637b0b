import Glibc

/// A client of a Unix socket that sends and takes bytes as it pleases.
final class RawClient {
  struct Refused: Error {
    let code: Int32
  }

  private let socket: Int32

  init(_ path: String) throws {
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else {
      let code = errno
      close(socket)
      throw Refused(code: code)
    }
  }

  deinit {
    close(socket)
  }

  /// Sends as much as the system takes without waiting.
  ///
  /// - Returns: how many bytes that was; -1 when the server has closed.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Int {
    let count = Glibc.send(
      socket, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    return count < 0 && errno == EAGAIN ? 0 : count
  }

  func send(line: String) {
    send(Array(line.utf8) + [10])
  }

  /// Waits for `count` bytes; fewer when the server closes, or says nothing for 20 s.
  func receive(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count, isReadable(within: 20_000) {
      var buffer = [UInt8](repeating: 0, count: count - bytes.count)
      let step = recv(socket, &buffer, buffer.count, 0)
      guard step > 0 else { break }
      bytes += buffer.prefix(step)
    }
    return bytes
  }

  func receiveLine() -> String {
    var bytes: [UInt8] = []
    while let byte = receive(1).first, byte != 10 { bytes.append(byte) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Waits for the server to close the connection, dropping what comes before.
  func isClosedByServer() -> Bool {
    while isReadable(within: 20_000) {
      var buffer = [UInt8](repeating: 0, count: 4096)
      if recv(socket, &buffer, buffer.count, 0) <= 0 { return true }
    }
    return false
  }

  private func isReadable(within milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, milliseconds) > 0
  }
}

/// A CTAPHID INIT on the broadcast channel.
func initReport(nonce: UInt8) -> [UInt8] {
  let head: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x86, 0, 8]
  return head + [UInt8](repeating: nonce, count: 8) + [UInt8](repeating: 0, count: 49)
}
