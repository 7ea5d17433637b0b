/// Every exit status of `fob`, for scripts to tell causes apart.
///
/// `fob help exit-statuses` and the manual page print this list.
enum ExitStatus: Int32, CaseIterable, Sendable {
  case ok = 0
  case failed = 1
  case usage = 2
  case noToken = 3
  case unknownName = 4
  case occupied = 5
  case locked = 6
  case clock = 7
  case notConfirmed = 8
  case badInput = 9
  case disconnected = 10
  case interrupted = 130

  var meaning: String {
    switch self {
    case .ok: "done"
    case .failed: "failed for another reason; the message says which"
    case .usage: "the command line is wrong: an unknown, missing or contradictory argument"
    case .noToken: "no token: none was chosen, or the one chosen is not there"
    case .unknownName: "no credential of that name, or no recovery code left"
    case .occupied: "the name exists already, or there is no room on the token"
    case .locked: "the token has a password or a PIN, and it was not given or is wrong"
    case .clock: "the token's clock does not allow it: never set, lost, or too far off"
    case .notConfirmed: "not confirmed: the button was not pressed, or the answer was no"
    case .badInput: "bad input: a QR picture, URI, key, password file or token image"
    case .disconnected: "the connection to the token was lost in the middle"
    case .interrupted: "interrupted by Ctrl-C, a hang-up or a request to terminate"
    }
  }
}
