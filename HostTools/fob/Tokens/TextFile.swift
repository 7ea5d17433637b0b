import Glibc
import OATH

/// Small files of text that a person names: a URI, a password, backup codes. All of them are secrets,
/// and are refused when other users of the computer can read or write them, as ssh does with keys.
enum TextFile {
  /// What others may do with a file that is read.
  enum Privacy {
    /// Nothing: it holds a secret.
    case secret
    /// Read it.
    case ownToWrite

    fileprivate var forbidden: mode_t { self == .secret ? 0o077 : 0o022 }
  }

  /// Largest file in bytes.
  static let largest = 16_384

  /// The first line, without its end. Throws `badInput` when there is none.
  static func firstLine(of path: String) throws(FobError) -> [UInt8] {
    var lines = try lines(of: path)
    let first = lines.isEmpty ? [] : lines.removeFirst()
    for index in lines.indices { wipe(&lines[index]) }
    guard !first.isEmpty else {
      throw FobError(.badInput, "The first line of '\(Printable.text(path))' is empty.")
    }
    return first
  }

  /// All lines, without their ends; a last one that is empty does not count.
  static func lines(
    of path: String, largest: Int = TextFile.largest, _ privacy: Privacy = .secret
  ) throws(FobError) -> [[UInt8]] {
    var bytes = try read(path, largest, privacy)
    defer { wipe(&bytes) }
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { line in Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line) }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// Puts a file in the place of the one there is, at one instant. Only the person can read it.
  static func replace(_ path: String, with text: String) throws(FobError) {
    let new = "\(path).\(getpid())"
    var bytes = Array(text.utf8)
    let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    var failure = descriptor < 0 ? errno : 0
    while failure == 0, !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        bytes.removeFirst(count)
      } else if errno != EINTR {
        failure = errno
      }
    }
    if descriptor >= 0, Glibc.close(descriptor) != 0, failure == 0 { failure = errno }
    if failure == 0, rename(new, path) != 0 { failure = errno }
    guard failure == 0 else {
      unlink(new)
      throw FobError(
        .badInput, "The file '\(Printable.text(path))' cannot be written: \(reason(failure)).")
    }
  }

  /// Throws `badInput` for a file that is another user's, or that others may use as `privacy` forbids.
  /// Pipes and terminals are as private as who made them.
  static func requirePrivacy(
    _ status: stat, _ path: String, _ privacy: Privacy
  ) throws(FobError) {
    guard status.st_mode & S_IFMT == S_IFREG else { return }
    let shown = "'\(Printable.text(path))'"
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw FobError(
        .badInput,
        "The file \(shown) belongs to another user (\(status.st_uid)), who knows what it holds.")
    }
    // What root has put there for this user, root answers for, as long as nobody else can change it.
    let forbidden = status.st_uid == geteuid() ? privacy.forbidden : 0o022
    guard status.st_mode & forbidden == 0 else {
      let mode = String(status.st_mode & 0o777, radix: 8)
      throw FobError(
        .badInput,
        "Other users of this computer can \(privacy == .secret ? "read or change" : "change") the file "
          + "\(shown) (mode \(mode)). Make it yours alone with 'chmod 600', then try again.")
    }
  }

  private static func read(
    _ path: String, _ largest: Int, _ privacy: Privacy
  ) throws(FobError) -> [UInt8] {
    let shown = "'\(Printable.text(path))'"
    // A pipe that nobody writes to would hold the opening back, and Ctrl-C with it.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw FobError(.badInput, "The file \(shown) cannot be opened: \(reason(errno)).")
    }
    defer { Glibc.close(descriptor) }
    var status = stat()
    if fstat(descriptor, &status) == 0 { try requirePrivacy(status, path, privacy) }
    var bytes = [UInt8](repeating: 0, count: largest + 1)
    var filled = 0
    while filled < bytes.count {
      try awaitInput(of: descriptor)
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress! + filled, $0.count - filled)
      }
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count >= 0 else {
        throw FobError(.badInput, "The file \(shown) cannot be read: \(reason(errno)).")
      }
      if count == 0 { break }
      filled += count
    }
    guard filled <= largest else {
      wipe(&bytes)
      throw FobError(.badInput, "The file \(shown) is larger than \(largest) bytes.")
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }

  /// Waits until there is something to read, or the end; a signal ends the wait.
  private static func awaitInput(of descriptor: Int32) throws(FobError) {
    while true {
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&entry, 1, SignalHold.slice) > 0 { return }
      try SignalHold.check()
    }
  }
}
