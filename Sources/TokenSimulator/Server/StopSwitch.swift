import Glibc

/// Ends a server from outside its loop: from another thread, or by a signal.
public final class StopSwitch: Sendable {
  /// Becomes readable when the switch is thrown.
  package let readEnd: Int32
  private let writeEnd: Int32

  public init() {
    var ends: [Int32] = [-1, -1]
    let status = pipe(&ends)
    precondition(status == 0, "no pipe: too many open files")
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  /// Throws the switch. It stays thrown.
  public func stop() {
    Self.signal(writeEnd)
  }

  public var isThrown: Bool {
    var entry = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
    return retrying { poll(&entry, 1, 0) } > 0
  }

  /// Has `signals` throw this switch while `work` runs, instead of what they did before. One switch
  /// in a process at a time.
  public func whileHandling<Failure: Error>(
    _ signals: [Int32], _ work: () throws(Failure) -> Void
  ) throws(Failure) {
    guard !signals.isEmpty else { return try work() }
    signalledEnd = writeEnd
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      let code = errno
      StopSwitch.signal(signalledEnd)
      errno = code
    }
    let previous = signals.map { number in
      var before = sigaction()
      sigaction(number, &action, &before)
      return before
    }
    defer {
      for (number, var before) in zip(signals, previous) {
        sigaction(number, &before, nil)
      }
      signalledEnd = -1
    }
    try work()
  }

  /// Nothing here that a signal handler may not do. A full pipe is as good as a written one.
  private static func signal(_ end: Int32) {
    var byte: UInt8 = 1
    _ = write(end, &byte, 1)
  }
}

/// Where the signal handler writes. Set before the handler is installed, and after it is removed.
private nonisolated(unsafe) var signalledEnd: Int32 = -1
