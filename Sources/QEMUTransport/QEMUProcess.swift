@preconcurrency import Glibc
import TokenClient

/// A running `qemu-system-arm`, with a socket to each of the three things that it offers.
///
/// A shell stands between: it ends QEMU as soon as its standard input ends, and so also when this
/// process is killed.
struct QEMUProcess: ~Copyable {
  /// The board's serial port.
  let port: Int32
  /// QEMU's monitor, in its JSON form (QMP).
  let monitor: Int32
  /// QEMU's access to the machine's memory and pins (qtest).
  let probe: Int32

  private let shell: pid_t
  /// Its other end is the shell's standard input.
  private let leash: Int32
  private let messages: Int32

  private static let program = "qemu-system-arm"
  private static let watch = """
    exec 9<&0
    "$@" 9<&- </dev/null &
    exec 3<&- 4<&- 5<&-
    read -r line <&9
    kill -9 $! 2>/dev/null
    wait $! 2>/dev/null
    """

  /// Starts the machine with `image` in its flash, and holds it before its first instruction.
  init(image: String, place: String) throws(TransportFailure) {
    guard Self.isInstalled else {
      throw .unusable(
        place: place,
        reason: "there is no '\(Self.program)' on the PATH; "
          + "install Debian's package qemu-system-arm, or run 'make setup'")
    }
    var ends = Ends()
    do {
      try ends.open(place: place)
      shell = try Self.spawn(
        ["/bin/sh", "-c", Self.watch, "sh", Self.program] + Self.arguments(image: image), ends,
        place: place)
    } catch {
      ends.closeAll()
      throw error
    }
    ends.closeTheirs()
    (port, monitor, probe) = (ends.port.ours, ends.monitor.ours, ends.probe.ours)
    (leash, messages) = (ends.leash.ours, ends.messages)
  }

  deinit {
    for descriptor in [port, monitor, probe, leash] { close(descriptor) }
    var status: Int32 = 0
    while waitpid(shell, &status, 0) < 0, errno == EINTR {}
    close(messages)
  }

  /// The first line of what QEMU had to complain about, or nothing.
  var complaint: String {
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = max(0, pread(messages, &bytes, bytes.count, 0))
    let line = bytes[..<count].prefix { $0 != 0x0A }
    return String(decoding: line.filter { (0x20...0x7E).contains($0) }, as: UTF8.self)
  }

  private static var isInstalled: Bool {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
  }

  private static func arguments(image: String) -> [String] {
    // A comma would end the file's name in an option's value; -kernel takes one as it is.
    [
      "-machine", "microbit", "-nodefaults", "-display", "none", "-S", "-kernel", image,
      "-chardev", "socket,id=port,fd=\(Ends.portNumber)", "-serial", "chardev:port",
      "-chardev", "socket,id=monitor,fd=\(Ends.monitorNumber)",
      "-mon", "chardev=monitor,mode=control",
      "-chardev", "socket,id=qtest,fd=\(Ends.probeNumber)", "-qtest", "chardev:qtest",
      "-qtest-log", "/dev/null",
    ]
  }

  private static func spawn(
    _ words: [String], _ ends: Ends, place: String
  ) throws(TransportFailure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, number) in ends.theirs {
      posix_spawn_file_actions_adddup2(&actions, descriptor, number)
    }
    // The shell waits for QEMU's end by a signal, which this thread may hold back.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var usual = sigset_t()
    sigemptyset(&usual)
    for signal in [SIGCHLD, SIGPIPE] { sigaddset(&usual, signal) }
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    let result = posix_spawn(&process, words[0], &actions, &attributes, arguments, environ)
    guard result == 0 else {
      throw .system(place: place, operation: "posix_spawn", error: result)
    }
    return process
  }
}

/// The sockets between this process and QEMU, two ends each.
private struct Ends {
  static let portNumber: Int32 = 3
  static let monitorNumber: Int32 = 4
  static let probeNumber: Int32 = 5

  var port = (ours: Int32(-1), theirs: Int32(-1))
  var monitor = (ours: Int32(-1), theirs: Int32(-1))
  var probe = (ours: Int32(-1), theirs: Int32(-1))
  var leash = (ours: Int32(-1), theirs: Int32(-1))
  var messages: Int32 = -1

  /// What QEMU gets, and under which number.
  var theirs: [(descriptor: Int32, number: Int32)] {
    [
      (leash.theirs, 0), (messages, 1), (messages, 2), (port.theirs, Self.portNumber),
      (monitor.theirs, Self.monitorNumber), (probe.theirs, Self.probeNumber),
    ]
  }

  mutating func open(place: String) throws(TransportFailure) {
    guard let file = tmpfile() else {
      throw .system(place: place, operation: "tmpfile", error: errno)
    }
    defer { fclose(file) }
    messages = try Self.outOfTheWay(dup(fileno(file)), place: place)
    port = try Self.pair(place: place)
    monitor = try Self.pair(place: place)
    probe = try Self.pair(place: place)
    leash = try Self.pair(place: place)
  }

  func closeTheirs() {
    for pair in [port, monitor, probe, leash] where pair.theirs >= 0 { close(pair.theirs) }
  }

  func closeAll() {
    closeTheirs()
    for pair in [port, monitor, probe, leash] where pair.ours >= 0 { close(pair.ours) }
    if messages >= 0 { close(messages) }
  }

  private static func pair(
    place: String
  ) throws(TransportFailure) -> (ours: Int32, theirs: Int32) {
    var ends: (Int32, Int32) = (-1, -1)
    let result = withUnsafeMutableBytes(of: &ends) {
      socketpair(
        AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0,
        $0.bindMemory(to: Int32.self).baseAddress)
    }
    guard result == 0 else { throw .system(place: place, operation: "socketpair", error: errno) }
    let theirs: Int32
    do {
      theirs = try outOfTheWay(ends.1, place: place)
    } catch {
      close(ends.0)
      throw error
    }
    _ = fcntl(ends.0, F_SETFL, O_NONBLOCK)
    return (ends.0, theirs)
  }

  /// The same file under a number of 10 or more, so that none lies where QEMU is to find another.
  private static func outOfTheWay(
    _ descriptor: Int32, place: String
  ) throws(TransportFailure) -> Int32 {
    guard descriptor >= 0 else { throw .system(place: place, operation: "open", error: errno) }
    let moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 10)
    let error = errno
    close(descriptor)
    guard moved >= 0 else { throw .system(place: place, operation: "fcntl", error: error) }
    return moved
  }
}
