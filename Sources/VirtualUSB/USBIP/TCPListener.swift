import Glibc
import TokenSimulator

/// A TCP socket that listens, and never blocks.
struct TCPListener: ~Copyable {
  private let socket: FileDescriptor
  /// The port it listens at: the one asked for, or one that was free.
  let port: UInt16

  /// - Parameters:
  ///   - address: an IPv4 or IPv6 address in digits.
  ///   - port: 0 for one that is free.
  init(address: String, port: UInt16) throws(SystemFailure) {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(address, String(port), &hints, &list) == 0, let found = list else {
      throw SystemFailure("getaddrinfo", code: EINVAL)
    }
    defer { freeaddrinfo(list) }
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = Glibc.socket(found.pointee.ai_family, kind, 0)
    guard descriptor >= 0 else { throw SystemFailure("socket") }
    let socket = FileDescriptor(owning: descriptor)
    // A server that was just ended leaves its port behind for a minute otherwise.
    Self.set(SO_REUSEADDR, of: SOL_SOCKET, to: 1, descriptor)
    guard bind(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 else {
      throw SystemFailure("bind")
    }
    guard listen(descriptor, 8) == 0 else { throw SystemFailure("listen") }
    self.port = try Self.port(of: descriptor)
    self.socket = socket
  }

  var descriptor: Int32 { socket.rawValue }

  /// The next client; `nil` if there is none now.
  func accept() throws(SystemFailure) -> Connection? {
    let descriptor = retrying { Glibc.accept(socket.rawValue, nil, nil) }
    guard descriptor >= 0 else {
      switch errno {
      case EAGAIN, ECONNABORTED: return nil
      default: throw SystemFailure("accept")
      }
    }
    let client = FileDescriptor(owning: descriptor)
    try UnixSocket.prepare(client)
    // A report is not to wait for the acknowledgement of the one before.
    Self.set(TCP_NODELAY, of: Int32(IPPROTO_TCP), to: 1, descriptor)
    // A system that vanished without a word gives the device back after a minute.
    Self.set(SO_KEEPALIVE, of: SOL_SOCKET, to: 1, descriptor)
    Self.set(TCP_KEEPIDLE, of: Int32(IPPROTO_TCP), to: 30, descriptor)
    Self.set(TCP_KEEPINTVL, of: Int32(IPPROTO_TCP), to: 10, descriptor)
    Self.set(TCP_KEEPCNT, of: Int32(IPPROTO_TCP), to: 3, descriptor)
    return Connection(client)
  }

  /// An option that cannot be set is one that the connection does without.
  private static func set(_ option: Int32, of level: Int32, to value: Int32, _ socket: Int32) {
    var value = value
    setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  private static func port(of descriptor: Int32) throws(SystemFailure) -> UInt16 {
    var address = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &size)
      }
    }
    guard status == 0 else { throw SystemFailure("getsockname") }
    // The port is at the same place for IPv4 and IPv6.
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        UInt16(bigEndian: $0.pointee.sin_port)
      }
    }
  }
}
