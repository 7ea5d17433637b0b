import Glibc

/// The name of an SQLite file, looked at from outside.
///
/// Nothing here, and nothing elsewhere in this process, opens a descriptor of an SQLite file of its
/// own: closing any descriptor of a file drops every POSIX lock that the process holds on it, and
/// with them those by which SQLite keeps other processes out (sqlite.org/howtocorrupt.html, 2.2).
struct DatabaseFile {
  /// As the person wrote it.
  let name: String
  /// A relative name gets "./", so that SQLite sees a file whatever it is called (":memory:").
  var path: String { name.hasPrefix("/") ? name : "./" + name }

  init(_ name: String) { self.name = name }

  /// Which file it is; nil if there is none.
  struct Identity: Equatable {
    let device: dev_t
    let number: ino_t
  }

  static func identity(_ path: String) -> Identity? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Identity(device: status.st_dev, number: status.st_ino)
  }

  var exists: Bool { Self.identity(path) != nil }

  /// Creates the file, empty and 0600, if there is none; then refuses one that is not a plain file or
  /// that others can get at.
  func claim() throws(Refusal) {
    if !exists { try createEmpty() }
    try check()
  }

  /// Refuses a file that is missing, not a plain file, or exposed to others.
  func check() throws(Refusal) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw cannotOpen(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .storage(.cannotOpen(file: name, reason: "it is not a plain file"))
    }
    guard status.st_mode & 0o077 == 0 else {
      throw .storage(.exposed(file: name, mode: status.st_mode & 0o777))
    }
  }

  /// Makes the file under another name, closes it, and only then gives it its own: by the time that
  /// anybody's SQLite can open it, this process has no descriptor of it left to close.
  private func createEmpty() throws(Refusal) {
    let draft = draft()
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw cannotOpen(errno) }
    close(descriptor)
    defer { unlink(draft) }
    // If another process was first, its file is as good.
    guard link(draft, path) == 0 || errno == EEXIST else { throw cannotOpen(errno) }
  }

  /// A name beside the file that nothing else has.
  func draft() -> String { "\(path).\(String(UInt64.random(in: .min ... .max), radix: 16))" }

  /// Gives a finished draft this name, unless there is a file of this name.
  func take(_ draft: String) throws(Refusal) {
    defer { unlink(draft) }
    guard link(draft, path) == 0 else {
      throw errno == EEXIST ? .storage(.exists(file: name)) : cannotOpen(errno)
    }
    syncFolder()
  }

  /// Makes a new name durable.
  func syncFolder() {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Whether a process has a lock on the file, as the kernel tells it (proc(5), /proc/locks). For a
  /// file that SQLite itself can no longer open.
  var isLocked: Bool {
    guard let own = Self.identity(path), let list = fopen("/proc/locks", "re") else { return false }
    defer { fclose(list) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), list) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      // Device and inode are the field with two colons, the last of which is before the inode.
      let field = text.split(separator: " ").first { $0.filter { $0 == ":" }.count == 2 }
      if field?.split(separator: ":").last == "\(own.number)" { return true }
    }
    return false
  }

  func cannotOpen(_ code: Int32) -> Refusal {
    .storage(.cannotOpen(file: name, reason: String(cString: strerror(code))))
  }
}
