import Glibc

/// What is needed of path names; they are never resolved, only cut.
enum Paths {
  /// The folder that `path` is in, as open(2) would find it: `.` for a bare name.
  static func folder(of path: String) -> String {
    let trimmed = path.last == "/" ? path.dropLast() : path[...]
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }

  /// Makes `folder` and whatever is missing above it, open to this user alone. What is there stays
  /// as it is.
  static func makeFolder(_ folder: String) throws(SystemFailure) {
    if mkdir(folder, 0o700) == 0 { return }
    switch errno {
    case EEXIST:
      return
    case ENOENT where folder != "/" && folder != ".":
      try makeFolder(self.folder(of: folder))
      guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw SystemFailure("mkdir") }
    default:
      throw SystemFailure("mkdir")
    }
  }

  /// `path` from the root on: the current folder is put before a relative one.
  static func absolute(_ path: String) -> String {
    guard path.first != "/", let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return String(cString: folder) + "/" + path
  }
}
