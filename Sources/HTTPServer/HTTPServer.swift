import CMicroHTTPD
import Glibc

/// A web server on this machine's loopback address, over libmicrohttpd.
///
/// Each connection has a thread of its own, so that an answer that takes long keeps no other waiting; a
/// request is whole before it is answered. A body is a form or
/// JSON; anything else, and anything too large, is refused before it is kept. Paths and queries arrive
/// decoded, but for what has a zero byte in it, which stays as it was sent.
public final class HTTPServer {
  public struct Limits: Sendable {
    /// Bytes of a whole body.
    public var body = 8 << 20
    /// Bytes of one field that is not a file.
    public var field = 16 << 10
    /// Fields and files of one form.
    public var fields = 64
    /// Bytes of a JSON body.
    public var json = 64 << 10
    /// Connections at a time.
    public var connections: UInt32 = 256
    /// Seconds that a silent connection is kept.
    public var patience: UInt32 = 30

    public init() {}
  }

  /// What answers. It is called on several threads at once.
  public typealias Handler = @Sendable (HTTPRequest) -> HTTPResponse
  /// What answers a request that got no further than the server.
  public typealias FaultHandler = @Sendable (HTTPFault, _ path: String) -> HTTPResponse

  /// The port it listens at.
  public let port: UInt16
  private let daemon: OpaquePointer
  private let core: ServerCore

  /// Listens at 127.0.0.1 from here on, until it is stopped or let go.
  ///
  /// - Parameter port: 0 for any that is free.
  public init(
    port: UInt16, limits: Limits = Limits(),
    fault: @escaping FaultHandler, handler: @escaping Handler
  ) throws(ServerFailure) {
    let core = ServerCore(limits: limits, handler: handler, fault: fault)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    let settings: [(MHD_OPTION, Int)] = [
      (.CONNECTION_LIMIT, Int(limits.connections)),
      (.CONNECTION_TIMEOUT, Int(limits.patience)),
      (.CONNECTION_MEMORY_LIMIT, 64 << 10),
      (.STRICT_FOR_CLIENT, 1),
      (.END, 0),
    ]
    var options = settings.map { MHD_OptionItem(option: $0.0, value: $0.1, ptr_value: nil) }
    let flags =
      MHD_USE_POLL_INTERNAL_THREAD.rawValue | MHD_USE_THREAD_PER_CONNECTION.rawValue
    errno = 0
    let started = watchfob_start_daemon(
      flags, &address,
      { closure, connection, url, method, _, upload, size, state in
        let core = Unmanaged<ServerCore>.fromOpaque(closure!).takeUnretainedValue()
        return core.continue(connection!, url!, method!, upload, size!, state!)
      },
      { _, _, state, _ in
        guard let exchange = state?.pointee else { return }
        Unmanaged<Exchange>.fromOpaque(exchange).release()
        state?.pointee = nil
      },
      Unmanaged.passUnretained(core).toOpaque(), &options)
    guard let started else {
      throw ServerFailure(port: port, reason: String(cString: strerror(errno)))
    }
    daemon = started
    self.core = core
    self.port = UInt16(watchfob_bound_port(started))
  }

  deinit { MHD_stop_daemon(daemon) }

  /// Where it is: `http://127.0.0.1:PORT`.
  public var origin: String { "http://127.0.0.1:\(port)" }
}

/// Why the server could not start.
public struct ServerFailure: Error, CustomStringConvertible {
  public let port: UInt16
  /// The system's words.
  public let reason: String

  public var description: String {
    "The server cannot listen at port \(port): \(reason). Choose another with --port."
  }
}
