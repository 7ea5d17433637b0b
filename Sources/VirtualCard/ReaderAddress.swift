import Glibc
import TokenSimulator

/// Where vpcd waits for cards: an IPv4 address, as vpcd knows no other, and a port.
public struct ReaderAddress: Sendable {
  public static let usualHost = "127.0.0.1"
  /// The port that vpcd's configuration in Debian has, 0x8C7B.
  public static let usualPort: UInt16 = 35963

  /// As it was given.
  public let host: String
  public let port: UInt16
  /// In network order.
  private let address: in_addr_t

  /// Looks the host up, which can take seconds unless it is an address.
  public init(
    host: String = usualHost, port: UInt16 = usualPort
  ) throws(ReaderFailure) {
    var hints = addrinfo()
    hints.ai_family = AF_INET
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, nil, &hints, &list)
    defer { freeaddrinfo(list) }
    guard status == 0, let socketAddress = list?.pointee.ai_addr else {
      throw .unknownHost(host, reason: String(cString: gai_strerror(status)))
    }
    address = UnsafeRawPointer(socketAddress).loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr
    self.host = host
    self.port = port
  }

  /// `host:port`
  public var text: String { "\(host):\(port)" }

  /// Whether what is sent there stays on this machine: 127.0.0.0/8.
  public var isLoopback: Bool { UInt32(bigEndian: address) >> 24 == 127 }

  /// Begins to connect. The socket becomes writable when that is decided; see `outcome(of:)`.
  func connect() throws(SystemFailure) -> Connection {
    let flags = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_INET, flags, 0)
    guard descriptor >= 0 else { throw SystemFailure("socket") }
    let connection = Connection(FileDescriptor(owning: descriptor))
    // Frames are small, and each is waited for.
    Self.set(TCP_NODELAY, descriptor)
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = port.bigEndian
    target.sin_addr.s_addr = address
    let status = withUnsafePointer(to: &target) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    // Interrupted, it goes on as well.
    guard status == 0 || errno == EINPROGRESS || errno == EINTR else {
      throw SystemFailure("connect")
    }
    return connection
  }

  /// Tells the reader at once that what it sent has arrived; to be said again after each piece. vpcd
  /// sends a frame in two pieces, and its system keeps the second until the first is acknowledged, which
  /// would else take 40 ms.
  static func acknowledge(_ connection: Connection) {
    set(TCP_QUICKACK, connection.descriptor)
  }

  /// A refusal would only make it slower.
  private static func set(_ option: Int32, _ descriptor: Int32) {
    var isOn: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), option, &isOn, socklen_t(MemoryLayout<Int32>.size))
  }

  /// What became of the attempt, once the socket is writable.
  static func outcome(of connection: Connection) throws(SystemFailure) {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(connection.descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else {
      throw SystemFailure("getsockopt")
    }
    guard code == 0 else { throw SystemFailure("connect", code: code) }
  }
}
