import Glibc

/// Why a token cannot be reached. Each case says, as a sentence, what happened and what to do.
public enum TransportFailure: Error, Equatable, Sendable {
  /// Nothing is there.
  case notFound(place: String)
  /// Several tokens are there, and it is not said which is meant.
  case ambiguous(place: String, choices: [String])
  /// Something is there, but this person may not open it. `remedy` is whole sentences.
  case permissionDenied(
    place: String, remedy: String = "Check who owns it and its permissions.")
  /// Another program holds it and does not share it.
  case inUse(place: String)
  /// Something is there that cannot be a token, or not any more: a truncated flash image, a file
  /// in place of a socket. `reason` completes 'PLACE cannot be used: …'.
  case unusable(place: String, reason: String)
  /// Something is there that others could have put there, or that another user's process serves.
  /// `reason` is a clause. Nothing was sent.
  case untrusted(place: String, reason: String)
  /// The token went away while it was in use: the cable, the simulator's process.
  case vanished(place: String)
  /// The system refused a call; `error` is its errno.
  case system(place: String, operation: String, error: Int32)
}

extension TransportFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notFound(let place):
      "There is no token at \(place). Plug it in or start it, or choose another one."
    case .ambiguous(let place, let choices):
      "There are \(choices.count) tokens at \(place): \(choices.joined(separator: ", ")). "
        + "Choose one of them, or unplug the others."
    case .permissionDenied(let place, let remedy):
      "You may not open \(place). \(remedy)"
    case .inUse(let place):
      "Another program is using \(place). Close that program, then try again."
    case .unusable(let place, let reason):
      "\(place) cannot be used: \(reason)."
    case .untrusted(let place, let reason):
      "\(place) is not used: \(reason). Nothing was sent to it. Use a token in a folder of your own."
    case .vanished(let place):
      "The token at \(place) went away in the middle of a command. "
        + "Plug it in again, then look at what it holds before you repeat the command."
    case .system(let place, let operation, let error):
      "\(place) cannot be used: \(operation) failed, \(String(cString: strerror(error)))."
    }
  }
}
