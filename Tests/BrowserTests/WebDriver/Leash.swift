import Foundation

/// A program that ends with the tests, however they end: a shell beside it waits for the end of a
/// pipe that only we hold open, and then ends it and all that it started.
final class Leash: Sendable {
  // A background job has /dev/null as its standard input, so the pipe goes by another number. The
  // shell leads a process group of its own (Foundation sees to that), which signal 0 means.
  private static let script = """
    exec 3<&0
    "$@" </dev/null 3<&- & child=$!
    echo "$child"
    exec >/dev/null 2>&1
    read -r end <&3
    kill "$child"
    sleep 1
    kill -KILL 0
    """

  private let shell = Process()
  private let hold = Pipe()
  private let transcript = Transcript()

  /// The process number of the program itself.
  let number: Int32

  init(_ command: [String], environment: [String: String]? = nil, folder: String? = nil) throws {
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", Self.script, "sh"] + command
    if let environment { shell.environment = environment }
    if let folder { shell.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let output = Pipe()
    shell.standardInput = hold
    shell.standardOutput = output
    shell.standardError = output
    try shell.run()
    Thread.detachNewThread { [transcript] in transcript.collect(output.fileHandleForReading) }
    number = try transcript.line("a process number") { Int32($0) }
  }

  deinit { release() }

  /// All that it wrote so far, on standard output and standard error.
  var written: String { transcript.written }

  /// Waits for a whole line of which `read` makes something.
  func line<T>(_ name: String, _ read: (Substring) -> T?) throws -> T {
    try transcript.line(name, read)
  }

  /// Kills it, with no chance to tidy up, and waits until it is gone.
  func kill() {
    Foundation.kill(number, SIGKILL)
    transcript.waitForEnd()
  }

  /// Asks it to end, and waits until it has.
  func end() {
    Foundation.kill(number, SIGTERM)
    transcript.waitForEnd()
  }

  private func release() {
    try? hold.fileHandleForWriting.close()
  }
}

/// What a program wrote.
private final class Transcript: @unchecked Sendable {
  // Unchecked: the condition guards what follows it.
  private let condition = NSCondition()
  private var text = ""
  private var isOpen = true

  func collect(_ output: FileHandle) {
    while true {
      let data = output.availableData
      condition.withLock {
        text += String(decoding: data, as: UTF8.self)
        isOpen = !data.isEmpty
        condition.broadcast()
      }
      if data.isEmpty { return }
    }
  }

  var written: String { condition.withLock { text } }

  /// Waits until nobody can write any more: a killed program has closed its side.
  func waitForEnd() {
    condition.withLock { while isOpen { condition.wait() } }
  }

  func line<T>(_ name: String, _ read: (Substring) -> T?) throws -> T {
    let deadline = Date(timeIntervalSinceNow: 60)
    return try condition.withLock {
      while true {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
          if let result = read(line) { return result }
        }
        guard isOpen, condition.wait(until: deadline) else {
          throw WebDriverFailure(.timedOut, "\(name) did not come; there was: \(text)")
        }
      }
    }
  }
}
