import Glibc
import TokenCore

/// A token behind a Unix stream socket that carries raw 64-byte reports, one after the other, in
/// both directions: what a simulated token serves (`unix:SOCKET`). Opened only when nobody but this
/// user and root can have put it there (`SocketTrust`).
public final class UnixSocketTransport: TokenTransport {
  /// The longest path of a socket, in bytes (unix(7): `sun_path` less its terminating zero).
  public static let longestPath = 107

  /// How long a peer that does not read may hold up one report.
  private static let writePatience = Duration.seconds(2)

  /// Between two looks at whether the writing is given up.
  private static let slice = Duration.milliseconds(50)

  public let path: String
  public var place: String { "unix:" + path }

  /// The connected socket, or -1.
  private var socket: Int32 = -1
  /// The part of a report that has come so far; `pendingCount` of its bytes.
  private var pending = Report()
  private var pendingCount = 0

  public init(path: String) {
    self.path = path
  }

  deinit {
    close()
  }

  public func open() throws(TransportFailure) {
    close()
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, !bytes.contains(0) else { throw .notFound(place: place) }
    guard bytes.count <= Self.longestPath else {
      throw .unusable(
        place: place,
        reason: "the path of a socket has at most \(Self.longestPath) bytes, not \(bytes.count)")
    }
    if let reason = SocketTrust.objection(to: path) {
      throw .untrusted(place: place, reason: reason)
    }
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Self.socketFlags, 0)
    guard descriptor >= 0 else { throw failure("socket", errno) }
    socket = descriptor

    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else {
      let error = errno
      close()
      throw connectFailure(error)
    }
    if let reason = SocketTrust.objection(toPeerOf: descriptor) {
      close()
      throw .untrusted(place: place, reason: reason)
    }
  }

  public func write(_ report: Report) throws(TransportFailure) {
    try write(report, unless: { false })
  }

  public func write(
    _ report: Report, unless isGivenUp: () -> Bool
  ) throws(TransportFailure) {
    guard socket >= 0 else { throw .vanished(place: place) }
    let deadline = Deadline(in: Self.writePatience)
    var sent = 0
    while sent < Report.size {
      let count = withUnsafeBytes(of: report.bytes) {
        send(
          socket, $0.baseAddress! + sent, Report.size - sent, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        sent += count
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        let slice = deadline.atMost(Self.slice)
        guard try !wait(for: Int16(POLLOUT), before: slice) else { continue }
        if deadline.hasPassed || isGivenUp() { throw failure("send", ETIMEDOUT) }
      case let error: throw failure("send", error)
      }
    }
  }

  public func read(before deadline: Deadline) throws(TransportFailure) -> Report? {
    guard socket >= 0 else { throw .vanished(place: place) }
    while true {
      let offset = pendingCount
      let count = withUnsafeMutableBytes(of: &pending.bytes) {
        recv(socket, $0.baseAddress! + offset, Report.size - offset, 0)
      }
      if count == 0 { throw .vanished(place: place) }
      if count < 0 {
        switch errno {
        case EINTR: continue
        case EAGAIN:
          guard try wait(for: Int16(POLLIN), before: deadline) else { return nil }
          continue
        case let error: throw failure("recv", error)
        }
      }
      pendingCount += count
      if pendingCount == Report.size {
        pendingCount = 0
        return pending
      }
    }
  }

  public func close() {
    guard socket >= 0 else { return }
    _ = Glibc.close(socket)
    socket = -1
    pendingCount = 0
  }

  // MARK: Steps

  private static let socketFlags =
    Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)

  /// Whether the socket became ready before `deadline`. A hang-up counts as ready: the call that
  /// follows says what happened.
  private func wait(
    for events: Int16, before deadline: Deadline
  ) throws(TransportFailure) -> Bool {
    while true {
      var request = pollfd(fd: socket, events: events, revents: 0)
      let count = poll(&request, 1, deadline.pollTimeout)
      if count > 0 { return true }
      if count < 0, errno != EINTR { throw failure("poll", errno) }
      if deadline.hasPassed { return false }
    }
  }

  private func failure(_ operation: String, _ error: Int32) -> TransportFailure {
    switch error {
    case EPIPE, ECONNRESET, ENOTCONN: .vanished(place: place)
    default: .system(place: place, operation: operation, error: error)
    }
  }

  private func connectFailure(_ error: Int32) -> TransportFailure {
    switch error {
    // Refused: the socket's file outlived the process that served it.
    case ENOENT, ENOTDIR, ECONNREFUSED: .notFound(place: place)
    case EACCES, EPERM: .permissionDenied(place: place)
    // The queue of those who wait to be served is full.
    case EAGAIN: .inUse(place: place)
    case EPROTOTYPE, ENOTSOCK:
      .unusable(place: place, reason: "it is not a stream socket")
    default: .system(place: place, operation: "connect", error: error)
    }
  }
}
