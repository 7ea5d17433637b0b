import Glibc
import OATH

/// Where a command reads and writes: the three standard streams, and what is known about them.
///
/// Standard output is for results and is held back until `flush()`; standard error is for
/// everything else, and is written at once.
final class Console {
  let input = StandardInput()
  let interruption = Interruption()
  /// Whether a person is there to be asked: standard input and standard error are terminals.
  let isInteractive = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
  /// Whether standard output is a terminal that can be drawn on.
  let isDrawable: Bool
  let style: Style
  /// What has to happen however the command ends.
  let endings = Endings()
  /// The exit status of a command that `fob` ran for the person, which then becomes its own.
  var childStatus: Int32?

  private var pending: [UInt8] = []

  init() {
    let terminal = getenv("TERM").map { String(cString: $0) } ?? "dumb"
    isDrawable = isatty(STDOUT_FILENO) == 1 && terminal != "dumb" && !terminal.isEmpty
    // https://no-color.org: set and not empty means no colour, whatever its value.
    let refused = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    style = isDrawable && !refused ? .coloured : .plain
  }

  /// Adds to standard output.
  func write(_ text: String) {
    pending += text.utf8
  }

  /// Adds a line to standard output.
  func line(_ text: String = "") {
    write(text)
    pending.append(UInt8(ascii: "\n"))
  }

  /// Sends off what was written to standard output.
  func flush() throws(FobError) {
    defer {
      wipe(&pending)
      pending.removeAll(keepingCapacity: true)
    }
    if let error = Self.send(pending, to: STDOUT_FILENO) {
      // Nobody reads, and the person pressed Ctrl-C.
      if error == EINTR { try SignalHold.check() }
      // A reader that had enough, as `head`, does not have to be told.
      let sentence = error == EPIPE ? "" : "Standard output cannot be written: \(reason(error))."
      throw FobError(.failed, sentence)
    }
  }

  /// Writes a line to standard error, after what standard output has got so far.
  func note(_ text: String) {
    ask(text + "\n")
  }

  /// Writes to standard error without ending the line: a prompt.
  func ask(_ text: String) {
    if !pending.isEmpty { try? flush() }
    // With standard error closed there is nobody left to tell.
    _ = Self.send(Array(text.utf8), to: STDERR_FILENO)
  }

  /// Characters in a line of the terminal; 80 where there is none.
  var width: Int { Self.size.map { Int($0.ws_col) } ?? 80 }

  /// Lines of the terminal; 24 where there is none.
  var height: Int { Self.size.map { Int($0.ws_row) } ?? 24 }

  private static var size: winsize? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
    else { return nil }
    return size
  }

  /// - Returns: nil when all was written, else the errno: EINTR when nobody reads, and a signal that
  ///   is held back is pending.
  private static func send(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
    var sent = 0
    while sent < bytes.count {
      var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      guard poll(&entry, 1, SignalHold.slice) != 0 else {
        if SignalHold.isPending { return EINTR }
        continue
      }
      // What poll(2) has room for in a pipe.
      let part = min(bytes.count - sent, Int(PIPE_BUF))
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + sent, part)
      }
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      sent += count
    }
    return nil
  }
}

/// The system's words for an errno.
func reason(_ error: Int32) -> String {
  String(cString: strerror(error))
}
