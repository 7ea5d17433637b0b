import Glibc

/// Holds back the signals that would end the process, so that what was begun can be taken back: an
/// update rolled back, the terminal's echo put on again.
///
/// There is no handler and no global state: a signal stays pending until `check()` asks for it. One
/// that nobody has asked for ends the process as soon as the hold is over.
enum SignalHold {
  /// Milliseconds between two looks at what is pending, while something else is awaited.
  static let slice: Int32 = 50

  /// Runs `body` with the signals held back. Holds may be nested.
  static func during<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var held = signals
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, &held, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return try body()
  }

  /// Holds the signals back from now on, until `release()`.
  static func begin() {
    var held = signals
    pthread_sigmask(SIG_BLOCK, &held, nil)
  }

  /// Lets the signals through that whoever started this process had blocked, as the threads of a
  /// pool do: Ctrl-C shall always work.
  static func release() {
    var held = signals
    pthread_sigmask(SIG_UNBLOCK, &held, nil)
  }

  /// Whether a signal is pending, which `check()` would find.
  static var isPending: Bool {
    var pending = sigset_t()
    sigpending(&pending)
    return ending.contains { sigismember(&pending, $0) == 1 && !isIgnored($0) }
  }

  /// Takes a pending signal, if there is one.
  static func isInterrupted() -> Bool { takePending() != nil }

  /// Takes a pending signal, and says which it is.
  static func takePending() -> Int32? {
    var held = signals
    var nothing = timespec()
    let signal = sigtimedwait(&held, nil, &nothing)
    return signal > 0 ? signal : nil
  }

  /// Throws `interrupted`, without a sentence, if a signal is pending.
  static func check() throws(FobError) {
    if isInterrupted() { throw FobError(.interrupted, "") }
  }

  /// Sleeps, and wakes up when a signal is pending.
  static func sleep(milliseconds: Int) throws(FobError) {
    var left = milliseconds
    while left > 0 {
      try check()
      let part = min(left, Int(slice))
      usleep(UInt32(part) * 1000)
      left -= part
    }
    try check()
  }

  /// Ctrl-C, Ctrl-\, a hang-up of the terminal, and a request to terminate: those of them that end
  /// this process. What nohup(1) ignores would become pending if it were held back.
  static var signals: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in ending where !isIgnored(signal) { sigaddset(&set, signal) }
    return set
  }

  private static let ending = [SIGINT, SIGQUIT, SIGHUP, SIGTERM]

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(signal, nil, &action) == 0 else { return false }
    return action.__sigaction_handler.sa_handler.map { unsafeBitCast($0, to: Int.self) } == 1
  }
}
