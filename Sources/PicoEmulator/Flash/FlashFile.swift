import Glibc

/// A file that holds the content of a Pico's flash, all 2 MiB of it, and nothing else.
///
/// It is open to its owner alone, and locked as long as it is in use. Each program and erase is in it
/// before the firmware goes on; so it survives the end of this process, however that comes.
public final class FlashFile {
  /// Why a file cannot be used; it is as it was.
  public enum Failure: Error, Equatable, Sendable {
    case inUse
    case permissionDenied
    /// It completes 'PATH cannot be used: …', without a full stop.
    case unusable(String)
    case system(operation: String, error: Int32)
  }

  public let path: String
  private let descriptor: Int32
  /// The first write that failed; what was written after it may be missing as well.
  public private(set) var failure: Failure?

  /// Opens a file, or makes one of erased flash.
  public init(opening path: String) throws(Failure) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      switch errno {
      case EACCES, EPERM, EROFS: throw .permissionDenied
      case ELOOP, EISDIR, ENXIO: throw .unusable("it is not a regular file")
      case let error: throw .system(operation: "open", error: error)
      }
    }
    do throws(Failure) {
      try prepare()
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit {
    close(descriptor)
  }

  private func prepare() throws(Failure) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failed("fstat") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .unusable("it is not a regular file") }
    guard status.st_uid == geteuid() else { throw .unusable("it belongs to another user") }
    guard status.st_mode & 0o077 == 0 else {
      throw .unusable("others may open it, and it holds secrets; run: chmod 600 \(path)")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw errno == EWOULDBLOCK ? .inUse : Self.failed("flock")
    }
    if status.st_size == 0 {
      try write([UInt8](repeating: 0xFF, count: FlashChip.size)[...], at: 0)
    } else if status.st_size != FlashChip.size {
      throw .unusable("it has \(status.st_size) bytes, and a Pico's flash has \(FlashChip.size)")
    }
  }

  /// All of it.
  func read() throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: FlashChip.size)
    var position = 0
    while position < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress! + position, $0.count - position, off_t(position))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw count < 0 ? Self.failed("read") : .unusable("it became shorter")
      }
      position += count
    }
    return bytes
  }

  /// Writes a change; a failure is kept in `failure`, for firmware cannot be told.
  func record(_ bytes: [UInt8], at offset: Int) {
    do throws(Failure) {
      try write(bytes[...], at: offset)
    } catch {
      if failure == nil { failure = error }
    }
  }

  private func write(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(Failure) {
    var (rest, position) = (bytes, offset)
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress!, $0.count, off_t(position))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failed("write") }
      rest = rest.dropFirst(count)
      position += count
    }
  }

  private static func failed(_ operation: String) -> Failure {
    .system(operation: operation, error: errno)
  }
}
