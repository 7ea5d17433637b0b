import Glibc

/// Stream sockets with a name in the file system; none of them ever blocks.
package enum UnixSocket {
  /// The longest path that the system takes, in bytes: 107.
  package static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

  /// Connects to a process of this user's, or of root's; another's is refused with EPERM.
  ///
  /// - Precondition: `path` has `longestPath` bytes at most.
  package static func connect(to path: String) throws(SystemFailure) -> FileDescriptor {
    let socket = try make()
    let status = retrying {
      withAddress(of: path) { Glibc.connect(socket.rawValue, $0, $1) }
    }
    guard status == 0 else { throw SystemFailure("connect") }
    guard isOwn(socket) else { throw SystemFailure("connect", code: EPERM) }
    return socket
  }

  /// Whether the process at the other end is this user's, or root's.
  private static func isOwn(_ socket: borrowing FileDescriptor) -> Bool {
    // `struct ucred`: process, user, group.
    var credentials = InlineArray<3, UInt32>(repeating: .max)
    var size = socklen_t(MemoryLayout.size(ofValue: credentials))
    return getsockopt(socket.rawValue, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0
      && (credentials[1] == geteuid() || credentials[1] == 0)
  }

  /// A socket that is neither connected nor listening.
  static func make() throws(SystemFailure) -> FileDescriptor {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw SystemFailure("socket") }
    let socket = FileDescriptor(owning: descriptor)
    try prepare(socket)
    return socket
  }

  package static func prepare(_ socket: borrowing FileDescriptor) throws(SystemFailure) {
    guard fcntl(socket.rawValue, F_SETFD, FD_CLOEXEC) == 0,
      fcntl(socket.rawValue, F_SETFL, O_NONBLOCK) == 0
    else { throw SystemFailure("fcntl") }
  }

  static func withAddress<Result>(
    of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    precondition(path.utf8.count <= longestPath)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
