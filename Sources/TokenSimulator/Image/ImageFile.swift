import Glibc
import TokenCore

// Opening, checking and making the file of a `TokenImage`.
extension TokenImage {
  /// Opens a file that is this user's alone, and locks it.
  static func openLocked(
    _ path: String, _ access: Int32, patience: Int
  ) throws(ImageFailure) -> FileDescriptor {
    let deadline = MachineClock.nanoseconds() + UInt64(max(patience, 0)) * 1_000_000
    while true {
      let file = try open(path, access)
      if flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 {
        // Between opening and locking, another file may have been put in this one's place.
        if try isStill(file, at: path) { return file }
      } else if errno != EWOULDBLOCK && errno != EINTR {
        throw ImageFailure(path, SystemFailure("flock"))
      } else if MachineClock.nanoseconds() >= deadline {
        throw .inUse(path: path, process: holder(of: file))
      }
      usleep(5_000)
    }
  }

  /// Opens without ever following a link, waiting for a pipe's other end, or taking a terminal.
  private static func open(
    _ path: String, _ access: Int32
  ) throws(ImageFailure) -> FileDescriptor {
    let file = try translating(path) { () throws(SystemFailure) in
      try FileDescriptor(opening: path, access | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
    }
    let status = try translating(path) { () throws(SystemFailure) in try file.status() }
    let mode = status.st_mode & 0o777
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
    guard status.st_uid == geteuid() else { throw .notOwned(path: path) }
    guard mode & 0o077 == 0 else { throw .exposed(path: path, mode: mode) }
    return file
  }

  private static func isStill(
    _ file: borrowing FileDescriptor, at path: String
  ) throws(ImageFailure) -> Bool {
    let ours: stat
    do throws(SystemFailure) {
      ours = try file.status()
    } catch {
      throw ImageFailure(path, error)
    }
    var there = stat()
    return lstat(path, &there) == 0 && there.st_ino == ours.st_ino && there.st_dev == ours.st_dev
  }

  /// The process that wrote its number into the header.
  private static func holder(of file: borrowing FileDescriptor) -> Int32? {
    guard let bytes = try? file.read(ImageHeader.size, at: 0),
      let header = try? ImageHeader(parsing: bytes), header.process > 0
    else { return nil }
    return header.process
  }

  /// Reads and checks a file's header, and its size.
  static func readHeader(
    of file: borrowing FileDescriptor, _ path: String
  ) throws(ImageFailure) -> ImageHeader {
    let start: [UInt8]
    let size: Int
    do throws(SystemFailure) {
      start = try file.read(ImageHeader.size, at: 0)
      size = Int(try file.status().st_size)
    } catch {
      throw ImageFailure(path, error)
    }
    do throws(ImageHeader.ParsingFailure) {
      let header = try ImageHeader(parsing: start)
      if size == ImageHeader.fileSize { return header }
    } catch {
      switch error {
      case .foreign: throw .foreign(path: path)
      case .unknownVersion(let version): throw .unknownVersion(path: path, version: version)
      case .corrupt where size >= ImageHeader.fileSize: throw .corrupt(path: path)
      case .corrupt: break
      }
    }
    throw .wrongSize(path: path, size: size, expected: ImageHeader.fileSize)
  }

  /// A file with a name of its own, complete and on the disk.
  struct Draft: ~Copyable {
    let path: String
    let file: FileDescriptor
  }

  /// Writes `board` beside `path`, where it can be linked or renamed to it.
  static func writeDraft(
    of board: SimulatedBoard, for path: String, now: UnixTime, process: Int32
  ) throws(ImageFailure) -> Draft {
    let draftPath = "\(path).\(String(UInt32.random(in: 0 ... .max), radix: 16)).new"
    return try translating(path) { () throws(SystemFailure) in
      try Paths.makeFolder(Paths.folder(of: path))
      let file = try FileDescriptor(
        opening: draftPath, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
      do throws(SystemFailure) {
        try file.write(ImageHeader(board, savedAt: now, process: process).bytes, at: 0)
        try file.write(board.flash.bytes, at: ImageHeader.flashOffset)
        guard fdatasync(file.rawValue) == 0 else { throw SystemFailure("fdatasync") }
      } catch {
        unlink(draftPath)
        throw error
      }
      return Draft(path: draftPath, file: file)
    }
  }

  private static func translating<Result: ~Copyable>(
    _ path: String, _ work: () throws(SystemFailure) -> Result
  ) throws(ImageFailure) -> Result {
    do throws(SystemFailure) {
      return try work()
    } catch {
      throw ImageFailure(path, error)
    }
  }
}

extension ImageFailure {
  /// What the system's refusal means for the file at `path`.
  init(_ path: String, _ failure: SystemFailure) {
    self =
      switch failure.code {
      case ENOENT, ENOTDIR: .notFound(path: path)
      case EEXIST: .exists(path: path)
      case EACCES, EPERM, EROFS: .permissionDenied(path: path)
      case EISDIR, ELOOP, ENXIO: .notAFile(path: path)
      default: .system(path: path, failure)
      }
  }
}
