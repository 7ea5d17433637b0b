import Foundation

/// The other end of a stream: it sends and takes bytes as it pleases.
final class Peer {
  struct Refused: Error {
    let code: Int32
  }

  let socket: Int32

  /// A connection to a Unix socket.
  init(unix path: String) throws {
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let (status, code) = Self.withAddress(path) { address, size in
      (Glibc.connect(socket, address, size), errno)
    }
    guard status == 0 else {
      close(socket)
      throw Refused(code: code)
    }
  }

  /// A connection to a TCP port of this machine.
  init(tcp port: UInt16) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else {
      let code = errno
      close(socket)
      throw Refused(code: code)
    }
  }

  /// Takes over a socket that is connected.
  init(owning socket: Int32) {
    self.socket = socket
  }

  deinit {
    close(socket)
  }

  /// Ends the connection, while the socket stays open.
  func hangUp() {
    shutdown(socket, Int32(SHUT_RDWR))
  }

  /// Sends all of `bytes`, unless the other side closes or takes none for 20 s.
  ///
  /// - Returns: whether it took them.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count > 0 {
        sent += count
      } else if errno != EAGAIN || !isReady(POLLOUT, within: 20_000) {
        return false
      }
    }
    return true
  }

  /// Sends as much as the other side takes without waiting, and says whether it still listens.
  func push(_ bytes: [UInt8]) -> Bool {
    let count = Glibc.send(
      socket, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    return count >= 0 || errno == EAGAIN
  }

  /// Waits for `count` bytes; fewer when the other side closes, or says nothing for 20 s.
  func receive(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count, isReady(POLLIN, within: 20_000) {
      var buffer = [UInt8](repeating: 0, count: count - bytes.count)
      let step = recv(socket, &buffer, buffer.count, 0)
      guard step > 0 else { break }
      bytes += buffer.prefix(step)
    }
    return bytes
  }

  /// Waits for the other side to close, dropping what comes before.
  func isClosedByOther() -> Bool {
    while isReady(POLLIN, within: 20_000) {
      var buffer = [UInt8](repeating: 0, count: 4096)
      if recv(socket, &buffer, buffer.count, 0) <= 0 { return true }
    }
    return false
  }

  /// Reads whatever is there now.
  func drain() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT)) > 0 {}
  }

  func isReady(_ event: Int32, within milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: socket, events: Int16(event), revents: 0)
    return poll(&entry, 1, milliseconds) > 0
  }

  static func withAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
