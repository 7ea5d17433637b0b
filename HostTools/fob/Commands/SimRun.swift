import Glibc
import Loopback
import TokenSimulator

/// `fob sim run`: a simulated token at a socket, alone or for one command.
enum SimRun {
  /// What the control channel's socket has after the wire's name.
  static let controlSuffix = ".control"

  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let command = invocation.arguments
    let socket = try socket(invocation, isForCommand: !command.isEmpty)
    var server: SimulatorServer? = try server(at: socket, token(invocation, console))
    guard let stopSwitch = server?.stopSwitch else { return }
    if command.isEmpty {
      // From the first word on, Ctrl-C is how it ends.
      return try stopSwitch.whileHandling([SIGINT, SIGTERM, SIGHUP]) { () throws(FobError) in
        console.line("FOB_TOKEN=unix:\(socket)")
        try console.flush()
        console.note("A simulated token, software and no hardware, runs there. Ctrl-C ends it.")
        try serve(server.take())
      }
    }
    guard let live = server.take() else { return }
    try serve(live, at: socket, beside: command, console)
  }

  /// Serves a token for as long as a command runs, whose exit status becomes this program's.
  static func serve(
    at socket: String, _ token: consuming LiveToken, beside command: [String], _ console: Console
  ) throws(FobError) {
    try serve(server(at: socket, token), at: socket, beside: command, console)
  }

  private static func serve(
    _ server: consuming SimulatorServer, at socket: String, beside command: [String],
    _ console: Console
  ) throws(FobError) {
    setenv("FOB_TOKEN", "unix:\(socket)", 1)
    let stopSwitch = server.stopSwitch
    var server: SimulatorServer? = server
    try stopSwitch.whileHandling([SIGTERM, SIGHUP]) { () throws(FobError) in
      // A request to terminate is for both; Ctrl-C reaches the command by itself.
      let child = try ChildProcess(command, atEnd: stopSwitch)
      defer { console.childStatus = child.finish() }
      try serve(server.take())
    }
  }

  /// The token of an image, or one that nobody keeps.
  static func token(
    _ invocation: Invocation, _ console: Console
  ) throws(FobError) -> LiveToken {
    if invocation.has(.memory) { return LiveToken(board: newBoard(invocation)) }
    let path = try imagePath(invocation)
    do throws(ImageFailure) {
      if access(path, F_OK) != 0 {
        try TokenImage.create(at: path, board: newBoard(invocation))
        console.note("fob: A new simulated token is made: \(Printable.text(path))")
      }
      return try LiveToken(image: TokenImage(opening: path))
    } catch {
      throw FobError(ControlFailure.image(error))
    }
  }

  /// With this computer's time, unless it is to be as a hardware token is when it is new.
  private static func newBoard(_ invocation: Invocation) -> SimulatedBoard {
    invocation.has(.unset) ? .new() : .inTime()
  }

  /// The file asked for, or the one that FOB_TOKEN chooses, or the person's own.
  private static func imagePath(_ invocation: Invocation) throws(FobError) -> String {
    if let file = invocation.text(.image) { return file }
    if let text = Environment["FOB_TOKEN"],
      case .image(let path) = try TokenChoice(parsing: text, from: "FOB_TOKEN")
    {
      return path
    }
    return try Folders.data() + "/token.image"
  }

  /// The path asked for, or one that 'fob devices' finds.
  static func socket(
    _ invocation: Invocation, _ option: Option = .socket, isForCommand: Bool
  ) throws(FobError) -> String {
    guard let path = invocation.text(option) else {
      // Commands run side by side, each with a token of its own.
      return Folders.sockets() + (isForCommand ? "/command-\(getpid())" : "/token")
    }
    guard !path.hasPrefix("/") else { return path }
    // The command may change its folder.
    guard let folder = getcwd(nil, 0) else {
      throw FobError(
        .failed, "The current folder is gone; give the socket's path from the root on.")
    }
    defer { free(folder) }
    return String(cString: folder) + "/" + path
  }

  static func server(
    at path: String, _ token: consuming LiveToken
  ) throws(FobError) -> SimulatorServer {
    do throws(ServerFailure) {
      return try SimulatorServer(at: path, token: token)
    } catch {
      throw FobError(error)
    }
  }

  static func serve(_ server: consuming SimulatorServer?) throws(FobError) {
    do throws(ServerFailure) {
      try server?.run()
    } catch {
      throw FobError(error)
    }
  }
}

extension FobError {
  init(_ failure: ServerFailure) {
    switch failure {
    case .image(let failure): self.init(ControlFailure.image(failure))
    default: self.init(.failed, failure.description)
    }
  }
}

extension Option {
  static let socket = Option(
    "socket", value: "PATH", kind: .file, "where to listen; by default where 'fob devices' looks")
  static let image = Option(
    "image", value: "FILE", kind: .file,
    "the token's image; by default the one that FOB_TOKEN chooses, or that of 'sim'",
    excludes: ["memory"])
  static let memory = Option("memory", "a new token in memory, which is gone afterwards")
  static let unset = Option(
    "unset", "leave the clock of a new token unset; otherwise it gets this computer's time")
}

extension Command {
  static let simRun = Command(
    name: "sim run", section: .simulator,
    summary: "Run a simulated token at a socket, until Ctrl-C or for one command",
    details: [
      "With a COMMAND, runs it with FOB_TOKEN set to the token, ends the token when the command "
        + "ends, and ends as the command did. An image that does not exist yet is made.",
      "Beside the socket there is another, for 'fob sim press', 'unplug' and so on.",
    ],
    arguments: [
      Argument(
        name: "COMMAND", summary: "a program and its arguments", kind: .program, isOptional: true,
        takesRest: true)
    ],
    options: [.socket, .image, .memory, .unset],
    examples: [
      Example("fob sim run", "Plug a simulated token in; choose it from another terminal"),
      Example("fob sim run --memory -- ./test.sh", "Give a test a token of its own"),
    ],
    statuses: [.noToken, .badInput],
    run: SimRun.run)
}
