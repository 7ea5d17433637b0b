import Glibc

/// The two sockets that a simulator listens at: the wire's, and beside it the control channel's.
package struct ServerSockets: ~Copyable {
  let wire: ListeningSocket
  let control: ListeningSocket

  package static func controlPath(_ wirePath: String) -> String { wirePath + ".control" }

  /// Makes both in a folder of this user's, which is made if need be. What a simulator that was
  /// killed left there is cleared away; one that lives is not disturbed.
  static func open(at path: String) throws(ServerFailure) -> ServerSockets {
    let controlPath = controlPath(path)
    guard controlPath.utf8.count <= UnixSocket.longestPath else {
      throw .pathTooLong(path: path, limit: UnixSocket.longestPath - ".control".utf8.count)
    }
    // Two simulators that start at once do not clear away each other's sockets.
    let folder = try lockFolder(of: path)
    defer { flock(folder.rawValue, LOCK_UN) }
    try clear(path)
    try clear(controlPath)
    do throws(SystemFailure) {
      let wire = try ListeningSocket(at: path)
      return ServerSockets(wire: wire, control: try ListeningSocket(at: controlPath))
    } catch {
      throw .system(path: path, error)
    }
  }

  /// Makes one socket alone, in the same way.
  package static func openOne(at path: String) throws(ServerFailure) -> ListeningSocket {
    guard path.utf8.count <= UnixSocket.longestPath else {
      throw .pathTooLong(path: path, limit: UnixSocket.longestPath)
    }
    let folder = try lockFolder(of: path)
    defer { flock(folder.rawValue, LOCK_UN) }
    try clear(path)
    do throws(SystemFailure) {
      return try ListeningSocket(at: path)
    } catch {
      throw .system(path: path, error)
    }
  }

  private static func lockFolder(of path: String) throws(ServerFailure) -> FileDescriptor {
    let name = Paths.folder(of: path)
    do throws(SystemFailure) {
      try Paths.makeFolder(name)
      // A link could lead to where another user wants the sockets to be.
      let folder = try FileDescriptor(opening: name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      let status = try folder.status()
      guard status.st_uid == geteuid() && status.st_mode & 0o022 == 0 else {
        throw SystemFailure("access", code: EPERM)
      }
      guard retrying({ flock(folder.rawValue, LOCK_EX) }) == 0 else { throw SystemFailure("flock") }
      return folder
    } catch {
      switch error.code {
      case EPERM, ELOOP, ENOTDIR: throw .folderNotPrivate(folder: name)
      default: throw .system(path: path, error)
      }
    }
  }

  /// Removes a socket that nobody listens at.
  private static func clear(_ path: String) throws(ServerFailure) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
    do throws(SystemFailure) {
      _ = try UnixSocket.connect(to: path)
    } catch {
      guard error.code == ECONNREFUSED else { throw .inUse(path: path) }
      unlink(path)
      return
    }
    throw .inUse(path: path)
  }
}
