/// Why a request to a simulated token was not carried out.
public enum ControlFailure: Error, Equatable, Sendable {
  /// Nobody listens at that socket.
  case notRunning(path: String)
  case permissionDenied(path: String)
  /// No answer came in time.
  case timedOut(path: String)
  /// The simulator went away, or what came from it was no answer.
  case noAnswer(path: String)
  /// The simulator's own sentence.
  case refused(String)
  /// A request that is not understood; the text says what is.
  case malformedRequest(String)
  /// A request that means something only while a simulator runs.
  case needsServer(path: String)
  /// The button is set to never be pressed, or to press itself.
  case buttonNotManual(Button.Mode)
  case image(ImageFailure)
  case system(path: String, SystemFailure)
}

extension ControlFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notRunning(let path):
      "No simulator runs at \(path). Start one with: fob sim run"
    case .permissionDenied(let path):
      "You may not control the simulator at \(path). It belongs to another user."
    case .timedOut(let path):
      "The simulator at \(path) does not answer. Stop it and start it again."
    case .noAnswer(let path):
      "The simulator at \(path) ended before it answered. Start it again and look at the token."
    case .refused(let sentence):
      sentence
    case .malformedRequest(let reason):
      "The request is not understood: \(reason)."
    case .needsServer(let path):
      "\(path) is a file, in which no token runs. Start it with: fob sim run"
    case .buttonNotManual(let mode):
      "The button is set to \(mode.name), so pressing it does nothing. Set it to manual first."
    case .image(let failure):
      failure.description
    case .system(let path, let failure):
      "The simulator at \(path) cannot be reached: \(failure)."
    }
  }
}
