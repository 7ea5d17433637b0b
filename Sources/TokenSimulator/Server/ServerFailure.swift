/// Why a simulator cannot start, or had to end.
public enum ServerFailure: Error, Equatable, Sendable {
  /// The socket's path is longer than the system allows; `limit` in bytes.
  case pathTooLong(path: String, limit: Int)
  /// Others may put files into the socket's folder, so they could take the token's place.
  case folderNotPrivate(folder: String)
  /// Another simulator listens there.
  case inUse(path: String)
  /// Something else than a socket is there.
  case notASocket(path: String)
  case image(ImageFailure)
  case system(path: String, SystemFailure)
}

extension ServerFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .pathTooLong(let path, let limit):
      "\(path) is too long for a socket. Choose a path of at most \(limit) bytes."
    case .folderNotPrivate(let folder):
      "\(folder) is not yours alone to write in. Choose a folder of your own, with mode 700."
    case .inUse(let path):
      "A simulator runs at \(path) already. Use that one, stop it, or choose another path."
    case .notASocket(let path):
      "\(path) is there and is no socket. It is left alone; choose another path."
    case .image(let failure):
      failure.description
    case .system(let path, let failure):
      "No simulator can run at \(path): \(failure)."
    }
  }
}
