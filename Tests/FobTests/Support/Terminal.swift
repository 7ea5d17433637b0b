import Foundation
import Testing

/// A terminal with `fob` on it. It is not the controlling one, so that Ctrl-C is a signal.
final class Terminal {
  private var controller: Int32 = -1
  private var line: Int32 = -1
  private let process = Process()

  init(
    _ desk: Desk, _ arguments: [String], environment extra: [String: String] = [:],
    token: String = "sim"
  ) throws {
    try #require(openpty(&controller, &line, nil, nil, nil) == 0)
    let handle = FileHandle(fileDescriptor: line, closeOnDealloc: false)
    process.executableURL = URL(fileURLWithPath: Desk.fob)
    process.arguments = arguments
    process.environment = desk.environment(token: token).merging(["TERM": "xterm"]) { $1 }
      .merging(extra) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: desk.folder)
    process.standardInput = handle
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
  }

  deinit {
    close(controller)
    close(line)
  }

  func type(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { write(controller, $0.baseAddress, $0.count) }
  }

  var shown = ""

  /// Reads what is shown, until `text` is.
  func waitFor(_ text: String) throws {
    let deadline = Date(timeIntervalSinceNow: 60)
    while !shown.contains(text) {
      try #require(Date() < deadline, "'\(text)' did not come: \(shown)")
      readMore(milliseconds: 100)
    }
  }

  func interrupt() {
    kill(process.processIdentifier, SIGINT)
  }

  func finish() -> Int32 {
    while process.isRunning { readMore(milliseconds: 20) }
    readMore(milliseconds: 20)
    return process.terminationStatus
  }

  var echoes: Bool {
    var state = termios()
    tcgetattr(line, &state)
    return state.c_lflag & tcflag_t(ECHO) != 0
  }

  private func readMore(milliseconds: Int32) {
    var entry = pollfd(fd: controller, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, milliseconds) > 0 else { return }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(controller, &buffer, buffer.count)
    if count > 0 { shown += String(decoding: buffer[..<count], as: UTF8.self) }
  }
}
