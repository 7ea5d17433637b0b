import Glibc

/// What a picture file holds, read to its end, in memory that is wiped when the value goes away.
struct PictureFile: ~Copyable {
  /// The most that is read: 32 MiB. A screenshot has 1 MiB, a photograph 10.
  static let sizeLimit = 32 << 20

  /// One byte more than the limit, so that a file of just the limit can be told from a longer
  /// one. The system gives out pages only as they are written.
  private let memory: UnsafeMutableRawPointer
  private var count: Int

  /// Reads the file, which may as well be a pipe.
  ///
  /// Throws `unreadable` with the system's reason, `tooLarge`.
  init(reading path: String) throws(QRPicture.Failure) {
    let capacity = Self.sizeLimit + 1
    memory = .allocate(byteCount: capacity, alignment: 16)
    count = 0

    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(file: path, reason: Self.systemReason()) }
    defer { close(descriptor) }
    while count < capacity {
      let taken = Glibc.read(descriptor, memory + count, capacity - count)
      if taken == 0 { return }
      if taken > 0 {
        count += taken
      } else if errno != EINTR {
        throw .unreadable(file: path, reason: Self.systemReason())
      }
    }
    throw .tooLarge(file: path)
  }

  deinit {
    explicit_bzero(memory, count)
    memory.deallocate()
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory, count: count) }

  /// The system's words for `errno`, in lower case because a sentence goes on with them.
  private static func systemReason() -> String {
    let words = String(cString: strerror(errno))
    return words.prefix(1).lowercased() + words.dropFirst()
  }
}
