import Foundation
import Testing

/// A run of `fob` that one can talk to while it goes on.
final class Session: @unchecked Sendable {
  // Unchecked: `collected` is guarded by the lock, the rest does not change.
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let errors = Pipe()
  private let lock = NSCondition()
  private var collected = (output: Data(), errors: Data())
  private var openEnds = 2

  init(_ desk: Desk, _ arguments: [String], token: String? = "sim") throws {
    process.executableURL = URL(fileURLWithPath: Desk.fob)
    process.arguments = arguments
    process.environment = desk.environment(token: token)
    process.currentDirectoryURL = URL(fileURLWithPath: desk.folder)
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    collect(output, \.output)
    collect(errors, \.errors)
  }

  private func collect(
    _ pipe: Pipe, _ part: WritableKeyPath<(output: Data, errors: Data), Data> & Sendable
  ) {
    Thread.detachNewThread { [self] in
      while true {
        let data = pipe.fileHandleForReading.availableData
        lock.withLock {
          if data.isEmpty { openEnds -= 1 } else { collected[keyPath: part].append(data) }
          lock.broadcast()
        }
        if data.isEmpty { return }
      }
    }
  }

  func send(_ text: String) {
    // fob may have ended before it read all.
    signal(SIGPIPE, SIG_IGN)
    try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
  }

  func endInput() {
    try? input.fileHandleForWriting.close()
  }

  /// Waits until standard error or standard output has `text`. A run that ends without it, or that
  /// hangs, fails the test.
  func waitFor(_ text: String) throws {
    let deadline = Date(timeIntervalSinceNow: 60)
    let found = lock.withLock { () -> Bool in
      while true {
        let all = String(decoding: collected.errors + collected.output, as: UTF8.self)
        if all.contains(text) { return true }
        if openEnds == 0 || !lock.wait(until: deadline) { return false }
      }
    }
    try #require(found, "'\(text)' did not come")
  }

  var processIdentifier: Int32 { process.processIdentifier }

  var isRunning: Bool { process.isRunning }

  func kill(_ signal: Int32) {
    Foundation.kill(process.processIdentifier, signal)
  }

  /// Waits for the end.
  func finish() -> Outcome {
    process.waitUntilExit()
    return lock.withLock {
      while openEnds > 0 { lock.wait() }
      return Outcome(
        status: process.terminationReason == .exit
          ? process.terminationStatus : 128 + process.terminationStatus,
        output: String(decoding: collected.output, as: UTF8.self),
        errors: String(decoding: collected.errors, as: UTF8.self))
    }
  }
}

/// A simulated token at a socket, as `fob sim run` serves it.
final class Simulator {
  private let session: Session
  let token: String

  init(_ desk: Desk, _ options: String...) throws {
    let socket = desk.folder + "/run/token"
    session = try Session(
      desk, ["sim", "run", "--socket", socket] + (options.isEmpty ? ["--memory"] : options),
      token: nil)
    try session.waitFor("Ctrl-C ends it")
    token = "unix:" + socket
  }

  func kill(_ signal: Int32) {
    session.kill(signal)
  }

  @discardableResult
  func finish() -> Outcome {
    session.finish()
  }

  deinit {
    session.kill(SIGKILL)
  }
}
