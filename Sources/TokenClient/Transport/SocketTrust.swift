import Glibc

/// Whether a Unix socket is this user's own: whoever serves it is told passwords, PINs and keys.
///
/// A path is trusted when nobody but this user and root could have put the socket there: both own
/// every part of the path, and no part can be written to by others, except for folders where only
/// owners may remove (sticky, as /tmp). The socket and its folder are no symbolic links. And the
/// process that listens there has to be this user's or root's, whatever the path says.
public enum SocketTrust {
  /// Why the socket at `path` is not to be used, as a clause; `nil` when it may be, or is not there.
  public static func objection(to path: String) -> String? {
    let parts = Path(path)
    guard let socket = parts.last else { return nil }
    guard let file = File(socket) else { return nil }
    if file.isLink { return "it is a symbolic link" }
    if let objection = file.objection { return "it \(objection)" }
    if file.isWritableByOthers { return "others may write to it" }
    return parts.dropLast().last.flatMap(objection(toFolder:))
  }

  /// Why no socket in `folder` is to be used, as a clause; `nil` when nothing stands against it, or
  /// it is not there.
  public static func objection(toFolder folder: String) -> String? {
    if File(folder)?.isLink == true {
      return "its folder, '\(DisplayText.escaped(folder))', is a symbolic link"
    }
    if let objection = objection(toParts: Path(folder)[...]) { return objection }
    // What the links above the folder lead to.
    guard let resolved = realpath(folder, nil) else { return nil }
    defer { free(resolved) }
    return objection(toParts: Path(String(cString: resolved))[...])
  }

  /// Why the process that listens at the other end of a connected socket is not to be talked to.
  public static func objection(toPeerOf descriptor: Int32) -> String? {
    // `struct ucred`: process, user, group.
    var credentials = InlineArray<3, UInt32>(repeating: .max)
    var size = socklen_t(MemoryLayout.size(ofValue: credentials))
    guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else {
      return "the system does not say whose process serves it"
    }
    return isTrusted(credentials[1])
      ? nil : "a process of \(name(of: credentials[1])) serves it, not one of yours"
  }

  private static func objection(toParts folders: ArraySlice<String>) -> String? {
    for folder in folders {
      guard let file = File(folder) else { continue }
      let shown = "'\(DisplayText.escaped(folder))'"
      if let objection = file.objection { return "its folder \(shown) \(objection)" }
      if !file.isLink, file.isWritableByOthers, !file.isSticky {
        return "others may write to its folder \(shown)"
      }
    }
    return nil
  }

  fileprivate static func isTrusted(_ user: uid_t) -> Bool { user == geteuid() || user == 0 }

  fileprivate static func name(of user: uid_t) -> String {
    guard let entry = getpwuid(user) else { return "user \(user)" }
    return "user '\(DisplayText.escaped(String(cString: entry.pointee.pw_name)))'"
  }

  /// A path and all that it goes through, from the root on.
  private typealias Path = [String]
}

extension [String] {
  /// `/`, `/a`, `/a/b` for `/a/b`; a relative path counts from the current folder.
  fileprivate init(_ path: String) {
    var path = path
    if !path.hasPrefix("/"), let folder = getcwd(nil, 0) {
      path = String(cString: folder) + "/" + path
      free(folder)
    }
    self = ["/"]
    var reached = ""
    for part in path.split(separator: "/") where part != "." {
      reached += "/" + part
      append(reached)
    }
  }
}

/// What the system says of one part of a path, without following it.
private struct File {
  private let status: stat

  /// `nil` when nothing is there.
  init?(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.status = status
  }

  var isLink: Bool { status.st_mode & S_IFMT == S_IFLNK }
  var isWritableByOthers: Bool { status.st_mode & 0o022 != 0 }
  var isSticky: Bool { status.st_mode & S_ISVTX != 0 }

  /// What is wrong with its owner, if anything is.
  var objection: String? {
    SocketTrust.isTrusted(status.st_uid)
      ? nil : "belongs to \(SocketTrust.name(of: status.st_uid)), not to you"
  }
}
