import Glibc
import TokenClient

/// The token's flash between two runs of the emulator: a file that is locked while it is in use, readable
/// by its owner alone, and replaced as a whole.
struct StorageFile: ~Copyable {
  let path: String
  private let size: Int
  private let place: String
  private let descriptor: Int32

  /// Opens or makes the file, and locks it.
  init(_ path: String, size: Int, place: String) throws(TransportFailure) {
    self.path = path
    self.size = size
    self.place = place
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard descriptor >= 0 else {
        let error = errno
        throw .unusable(
          place: place,
          reason: "its storage '\(path)' cannot be opened, \(String(cString: strerror(error)))")
      }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        Glibc.close(descriptor)
        throw .inUse(place: place)
      }
      if Self.isStill(descriptor, at: path) {
        self.descriptor = descriptor
        return
      }
      // Another program replaced it between the two calls, and is done with it.
      Glibc.close(descriptor)
    }
  }

  private static func isStill(_ descriptor: Int32, at path: String) -> Bool {
    var opened = stat()
    var named = stat()
    return fstat(descriptor, &opened) == 0 && stat(path, &named) == 0
      && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
  }

  deinit { Glibc.close(descriptor) }

  /// What it holds; `nil` for a new one.
  func contents() throws(TransportFailure) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: size + 1)
    var count = 0
    while count < bytes.count {
      let more = bytes[count...].withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress, $0.count, off_t(count))
      }
      if more < 0, errno == EINTR { continue }
      guard more >= 0 else { throw .system(place: place, operation: "read", error: errno) }
      if more == 0 { break }
      count += more
    }
    if count == 0 { return nil }
    guard count == size else {
      throw .unusable(
        place: place, reason: "its storage '\(path)' has not the \(size) bytes that it should")
    }
    bytes.removeLast()
    return bytes
  }

  /// Puts `bytes` in place of what it holds, in one step. The new file is not locked: this is the last
  /// thing to do with it.
  func replace(with bytes: [UInt8]) throws(TransportFailure) {
    let copy = path + ".new"
    let file = open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw .system(place: place, operation: "open", error: errno) }
    defer { Glibc.close(file) }
    guard Self.write(bytes, to: file), fsync(file) == 0, rename(copy, path) == 0
    else {
      let error = errno
      unlink(copy)
      throw .system(place: place, operation: "write", error: error)
    }
  }

  private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      written += count
    }
    return true
  }
}
