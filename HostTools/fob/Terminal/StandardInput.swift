import Glibc
import OATH

/// Standard input, line by line. What it has read is wiped when it has been handed out, since it
/// may be a secret.
final class StandardInput {
  /// Longest line in bytes. A URI with the longest key and name has well under 1,000.
  static let longestLine = 4096

  /// Done now and then while a person is awaited.
  var whileWaiting: [() throws(FobError) -> Void] = []

  private var buffer: [UInt8] = []
  private var isAtEnd = false

  /// The next line without its end, or nil when there is none.
  ///
  /// While a `SignalHold` is in force, a signal ends the wait with `interrupted`; otherwise it
  /// ends the process.
  func line() throws(FobError) -> [UInt8]? {
    var searched = 0
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        return take(end, andDrop: 1)
      }
      searched = buffer.count
      if searched > Self.longestLine {
        throw FobError(
          .badInput, "A line on standard input is longer than \(Self.longestLine) bytes.")
      }
      if isAtEnd { return buffer.isEmpty ? nil : take(buffer.count, andDrop: 0) }
      try fill()
    }
  }

  private func take(_ count: Int, andDrop extra: Int) -> [UInt8] {
    var line = Array(buffer[..<count])
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    var rest = Array(buffer[(count + extra)...])
    wipe(&buffer)
    swap(&buffer, &rest)
    return line
  }

  private func fill() throws(FobError) {
    try waitUntilReadable()
    var chunk = [UInt8](repeating: 0, count: 1024)
    defer { wipe(&chunk) }
    let count = read(STDIN_FILENO, &chunk, chunk.count)
    if count < 0 {
      if errno == EINTR || errno == EAGAIN { return }
      throw FobError(.badInput, "Standard input cannot be read: \(reason(errno)).")
    }
    isAtEnd = count == 0
    makeRoom(for: count)
    buffer += chunk[..<count]
  }

  /// Sees that what was read stays where it is when more comes: what an array leaves behind when it grows
  /// is not wiped.
  private func makeRoom(for count: Int) {
    guard buffer.capacity < buffer.count + count else { return }
    var larger: [UInt8] = []
    larger.reserveCapacity(buffer.count + max(count, Self.longestLine + 1024))
    larger += buffer
    wipe(&buffer)
    swap(&buffer, &larger)
  }

  /// Waits in slices, so that a signal that is held back is noticed within one.
  private func waitUntilReadable() throws(FobError) {
    var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    while poll(&descriptor, 1, SignalHold.slice) == 0 {
      try SignalHold.check()
      for task in whileWaiting { try task() }
    }
    try SignalHold.check()
  }
}
