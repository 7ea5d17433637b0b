import Glibc
import JSON

/// The hands on a simulated token: what presses its button, pulls its cable and lets its time pass,
/// whether it runs in a server or lies in a file.
public struct SimulatorControl: Sendable {
  public enum Place: Equatable, Sendable {
    /// A running simulator, by the path of its wire.
    case server(socket: String)
    /// An image file. Its token is off the cable, and nobody is there to see a press.
    case image(file: String)
  }

  public let place: Place
  /// How long an answer may take, in milliseconds.
  public let patience: Int

  public init(_ place: Place, patience: Int = 5_000) {
    self.place = place
    self.patience = patience
  }

  /// Carries out `request`, and says what the token is like then.
  ///
  /// A relative file name in it counts from the folder of this process.
  @discardableResult
  public func perform(_ request: ControlRequest) throws(ControlFailure) -> TokenStatus {
    let request = request.withAbsolutePath
    switch place {
    case .server(let path):
      return try ask(ServerSockets.controlPath(path), request)
    case .image(let path):
      return try change(path, request)
    }
  }

  /// What the request means for a token that lies in a file, and is off the cable for good.
  private func change(
    _ path: String, _ request: ControlRequest
  ) throws(ControlFailure) -> TokenStatus {
    switch request {
    case .press, .suspend, .stop:
      throw .needsServer(path: path)
    case .plug, .unplug:
      return try LiveToken.perform(.status, onImage: path)
    case .restore(let snapshot) where access(path, F_OK) != 0:
      return try LiveToken.create(path, from: snapshot)
    default:
      return try LiveToken.perform(request, onImage: path)
    }
  }

  /// Sends one line and waits for one line.
  private func ask(
    _ path: String, _ request: ControlRequest
  ) throws(ControlFailure) -> TokenStatus {
    guard path.utf8.count <= UnixSocket.longestPath else { throw .notRunning(path: path) }
    let deadline = MachineClock.nanoseconds() + UInt64(max(patience, 0)) * 1_000_000
    let connection = Connection(try connect(path, until: deadline))
    connection.send(Array(request.json.text.utf8) + [ControlLine.end])
    while !connection.isClosed {
      connection.flush()
      if let line = ControlLine.take(from: &connection.input) {
        return try Self.status(from: line, path)
      }
      guard connection.input.count <= ControlLine.limit else { break }
      guard connection.wait(until: deadline) else { throw .timedOut(path: path) }
      connection.receive()
      // What came together with the end still counts.
      if let line = ControlLine.take(from: &connection.input) {
        return try Self.status(from: line, path)
      }
    }
    throw .noAnswer(path: path)
  }

  private func connect(
    _ path: String, until deadline: UInt64
  ) throws(ControlFailure) -> FileDescriptor {
    while true {
      do throws(SystemFailure) {
        return try UnixSocket.connect(to: path)
      } catch {
        switch error.code {
        case ENOENT, ENOTDIR, ECONNREFUSED, ENOTSOCK: throw .notRunning(path: path)
        case EACCES, EPERM: throw .permissionDenied(path: path)
        // Others are waiting to be let in.
        case EAGAIN where MachineClock.nanoseconds() < deadline: usleep(5_000)
        case EAGAIN: throw .timedOut(path: path)
        default: throw .system(path: path, error)
        }
      }
    }
  }

  private static func status(
    from line: String, _ path: String
  ) throws(ControlFailure) -> TokenStatus {
    guard let reply = try? JSON.parse(line), let isDone = reply["ok"]?.bool else {
      throw .noAnswer(path: path)
    }
    if isDone, let status = TokenStatus(reply) { return status }
    guard !isDone, let sentence = reply["error"]?.string else { throw .noAnswer(path: path) }
    throw .refused(sentence)
  }
}

extension ControlRequest {
  /// With its file named from the root on, for whoever works in another folder.
  fileprivate var withAbsolutePath: ControlRequest {
    switch self {
    case .snapshot(let file): .snapshot(file: Paths.absolute(file))
    case .restore(let file): .restore(file: Paths.absolute(file))
    default: self
    }
  }
}
