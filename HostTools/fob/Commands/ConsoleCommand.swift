import Glibc
import TokenSimulator

/// `fob console`: starts the console that was built with this fob, alone or beside a simulated token.
enum ConsoleCommand {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    var words = [try program(), "--database", try database(invocation)]
    if let port = invocation.text(.port) { words += ["--port", port] }
    guard invocation.has(.withToken) else {
      for option in [Option.socket, .image, .memory] where invocation.has(option) {
        throw FobError(.usage, "--\(option.name) means nothing without --with-token.")
      }
      return try become(words)
    }
    let socket = try SimRun.socket(invocation, isForCommand: false)
    let token = try SimRun.token(invocation, console)
    console.line("FOB_TOKEN=unix:\(socket)")
    try console.flush()
    try SimRun.serve(at: socket, token, beside: words + ["--token", "unix:\(socket)"], console)
  }

  /// The file asked for, or the person's own.
  private static func database(_ invocation: Invocation) throws(FobError) -> String {
    if let file = invocation.text(.database) { return file }
    let folder = try Folders.data()
    try makeFolder(folder)
    return folder + "/console.sqlite"
  }

  /// Makes a folder of this user's, and those that it is in.
  private static func makeFolder(_ path: String) throws(FobError) {
    var made = ""
    for name in path.split(separator: "/") {
      made += "/\(name)"
      guard mkdir(made, 0o700) == 0 || errno == EEXIST else {
        throw FobError(
          .failed, "The folder \(Printable.text(made)) cannot be made: \(reason(errno)).")
      }
    }
  }

  /// The console's executable: beside this one, or where 'make install' puts it.
  private static func program() throws(FobError) -> String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    guard readlink("/proc/self/exe", &path, path.count - 1) > 0 else {
      throw FobError(.failed, "This program cannot find out where it is: \(reason(errno)).")
    }
    let own = path.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    let folder = own.split(separator: "/").dropLast().map { "/\($0)" }.joined()
    for place in ["\(folder)/console", "\(folder)/../libexec/watchfob/console"]
    where access(place, X_OK) == 0 {
      return place
    }
    throw FobError(
      .failed, "The console is not installed beside this program; 'make console' builds it.")
  }

  /// Goes on as another program.
  private static func become(_ words: [String]) throws(FobError) {
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    arguments.append(nil)
    execv(words[0], &arguments)
    let code = errno
    for argument in arguments { free(argument) }
    throw FobError(.failed, "The console cannot be started: \(reason(code)).")
  }
}

extension Option {
  static let withToken = Option(
    "with-token", "run a simulated token, and show it beside the console's pages")
  static let port = Option(
    "port", value: "PORT", "where the console listens; 0 for any free port (8080)")
  static let database = Option(
    "database", value: "FILE", kind: .file, "the console's database, made if there is none")
}

extension Command {
  static let console = Command(
    name: "console", section: .other,
    summary: "Serve an account's MFA pages on this computer, the other half of every flow",
    details: [
      "Sign up, log in, enable, update and disable MFA, Organizations, sessions, audit log and "
        + "recovery in a browser, at http://127.0.0.1:8080/, until Ctrl-C. The first account is "
        + "asked for at the prompt.",
      "With --with-token a simulated token runs beside it, for 'fob' in another terminal and on "
        + "the pages themselves: choose it there with the FOB_TOKEN that is printed.",
    ],
    options: [.port, .database, .withToken, .socket, .image, .memory],
    examples: [
      Example("fob console --with-token", "Click through the flows with a token to look at")
    ],
    statuses: [.noToken, .badInput],
    run: ConsoleCommand.run)
}
