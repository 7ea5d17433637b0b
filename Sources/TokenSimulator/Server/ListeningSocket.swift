import Glibc

/// A Unix socket that listens at a path, open to this user alone. Its file goes with it, unless
/// someone has put another one there.
package struct ListeningSocket: ~Copyable {
  package let path: String
  private let socket: FileDescriptor
  private let device: dev_t
  private let inode: ino_t

  /// - Precondition: `path` has `UnixSocket.longestPath` bytes at most.
  package init(at path: String) throws(SystemFailure) {
    let socket = try UnixSocket.make()
    guard UnixSocket.withAddress(of: path, { bind(socket.rawValue, $0, $1) }) == 0 else {
      throw SystemFailure("bind")
    }
    var status = stat()
    // Nobody can connect before listen(2), whatever the permissions were until now.
    guard chmod(path, 0o600) == 0, lstat(path, &status) == 0, listen(socket.rawValue, 64) == 0
    else {
      let failure = SystemFailure("listen")
      unlink(path)
      throw failure
    }
    device = status.st_dev
    inode = status.st_ino
    self.path = path
    self.socket = socket
  }

  deinit {
    var status = stat()
    if lstat(path, &status) == 0 && status.st_dev == device && status.st_ino == inode {
      unlink(path)
    }
  }

  package var descriptor: Int32 { socket.rawValue }

  /// The next client; `nil` if there is none now.
  package func accept() throws(SystemFailure) -> Connection? {
    let descriptor = retrying { Glibc.accept(socket.rawValue, nil, nil) }
    guard descriptor >= 0 else {
      switch errno {
      case EAGAIN, ECONNABORTED: return nil
      default: throw SystemFailure("accept")
      }
    }
    let connection = FileDescriptor(owning: descriptor)
    try UnixSocket.prepare(connection)
    return Connection(connection)
  }
}
