@preconcurrency import Glibc
import TokenSimulator

/// A command that runs beside the simulator. A thread waits for its end, and then stops the
/// simulator.
struct ChildProcess {
  private let watch: Watch
  private let thread: pthread_t

  /// Starts a command, found in PATH, with the environment of this process.
  init(_ words: [String], atEnd stopSwitch: StopSwitch) throws(FobError) {
    watch = Watch(try Self.spawn(words), stopSwitch)
    // The terminal sends Ctrl-C to both; what it means is for the command to say.
    signal(SIGINT, SIG_IGN)
    signal(SIGQUIT, SIG_IGN)
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(watch)
    let result = pthread_create(
      &thread, nil, { Watch.run($0) }, argument.toOpaque())
    guard result == 0 else {
      argument.release()
      kill(watch.process, SIGTERM)
      throw FobError(.failed, "The command cannot be waited for: \(reason(result)).")
    }
    self.thread = thread
  }

  /// Ends the command if it still runs.
  ///
  /// - Returns: its exit status, or 128 and the number of the signal that ended it.
  func finish() -> Int32 {
    if isRunning { kill(watch.process, SIGTERM) }
    pthread_join(thread, nil)
    var status: Int32 = 0
    while waitpid(watch.process, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? status >> 8 & 0xFF : 128 + signal
  }

  /// Something else may have stopped the simulator.
  private var isRunning: Bool {
    var end = siginfo_t()
    // si_pid, which this structure has in a union, is not asked for: without an end the signal
    // number stays 0.
    let result = waitid(P_PID, id_t(watch.process), &end, WEXITED | WNOHANG | WNOWAIT)
    return result == 0 && end.si_signo == 0
  }

  private static func spawn(_ words: [String]) throws(FobError) -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // What this process ignores the command does not.
    var usual = sigset_t()
    sigemptyset(&usual)
    sigaddset(&usual, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))

    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    let result = posix_spawnp(&process, words[0], nil, &attributes, arguments, environ)
    guard result == 0 else {
      throw FobError(
        .failed, "The command '\(Printable.text(words[0]))' cannot be started: \(reason(result)).")
    }
    return process
  }
}

/// What the waiting thread knows.
private final class Watch: Sendable {
  let process: pid_t
  let stopSwitch: StopSwitch

  init(_ process: pid_t, _ stopSwitch: StopSwitch) {
    self.process = process
    self.stopSwitch = stopSwitch
  }

  /// The thread: `argument` is the retained object. The process stays to be reaped, so that its
  /// number is not given to another in the meantime.
  static func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let watch = Unmanaged<Watch>.fromOpaque(argument).takeRetainedValue()
    var end = siginfo_t()
    while waitid(P_PID, id_t(watch.process), &end, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    watch.stopSwitch.stop()
    return nil
  }
}
