import TokenCore

/// Why a token did not do what was asked: the cause and the way out, in the words of the person
/// who asked. Status words stay inside; only `unexpected` shows one, as a detail to report.
///
/// Names and texts from a token are escaped where they become part of a sentence.
public enum TokenFailure: Error, Equatable, Sendable {
  /// What was asked cannot be put to any token.
  case input(InputFailure)

  // Reaching the token
  case transport(TransportFailure)
  case noAnswer(place: String)
  /// Another program has it.
  case busy(place: String)
  /// It lost its power in the middle of something, and with it what was staged and proved.
  case restarted(place: String)
  /// It is another token than at first, or was reset since.
  case replaced(place: String)
  /// Something answers there, but it is not a token of this kind.
  case notAToken(place: String)
  /// It does not know a command; it is older than this program.
  case notSupported
  /// It breaks the protocol. The detail completes 'The token answers nonsense: …'.
  case nonsense(String)
  /// A message was damaged on its way.
  case garbled(FramingError)
  /// A status that the protocol does not give for this command.
  case unexpected(status: UInt16, command: Instruction)

  // The person
  case cancelled
  /// The person cancelled, and the token, which was at work, did not answer: it may or may not have
  /// done what it was asked.
  case abandoned(place: String)
  /// The button was not pressed in time.
  case notTouched
  /// An access key is set, and this session has not proved that it knows it.
  case locked
  case wrongAccessKey
  /// A PIN is set, and this session has not proved that it knows it.
  case pinNeeded
  /// A try is spent.
  case wrongPIN(triesLeft: Int)
  /// No try is left.
  case pinBlocked
  case pinIsSet
  case noPIN
  /// The token did not prove that it knows the access key: perhaps another one than last time.
  case impostor
  /// A password was given, and the token does not ask for one. Nothing was sent to it.
  case noPasswordAsked(place: String)
  /// Setting the clock takes an access key, and there is none.
  case noAccessKey

  // What is on the token
  case noSuchCredential(Credential.Name)
  case nameTaken(Credential.Name)
  case tokenFull
  case noRecoveryCodeLeft(Credential.Name)
  case nothingStaged

  // The clock
  /// It was never set. CLOCK SYNC sets it.
  case clockUnset
  /// It was never set, and does not take its first time from anybody any more: codes were computed.
  case firstTimeRefused
  /// It was set, and has lost its count since.
  case clockLost
  /// It has drifted, or may have, by more than half a period.
  case clockUncertain
  /// A code was asked for another moment than the token's present.
  case stepRefused
  /// The host's time is further off than the crystal explains.
  case syncOutOfBounds
  /// The clock was lost, and the host's time is before the last that it is known to have had.
  case timeBeforeLast
  /// The policy 'wipe' stays while there are credentials.
  case policyHeld

  // The token's body
  case memoryFailed
  case entropyFailed
}

extension TokenFailure {
  /// Kinds of failure that a caller may want to tell apart: what an exit status says.
  public enum Category: CaseIterable, Sendable {
    /// The request itself is at fault.
    case input
    /// No token, or it cannot be reached.
    case unreachable
    /// The token is there and says no, for what it holds.
    case refused
    /// The token does not know the time, or does not take this one.
    case clock
    /// The access key is missing or wrong.
    case access
    /// The person cancelled, or did not press the button.
    case notConfirmed
    /// The token is faulty, foreign or hostile.
    case faulty
  }

  public var category: Category {
    switch self {
    case .input: .input
    case .transport, .noAnswer, .busy, .restarted, .replaced: .unreachable
    case .notAToken, .notSupported, .nonsense, .garbled, .unexpected, .memoryFailed,
      .entropyFailed:
      .faulty
    case .cancelled, .abandoned, .notTouched: .notConfirmed
    case .locked, .wrongAccessKey, .pinNeeded, .wrongPIN, .pinBlocked, .impostor, .noPasswordAsked,
      .noAccessKey:
      .access
    case .noSuchCredential, .nameTaken, .tokenFull, .noRecoveryCodeLeft, .nothingStaged,
      .policyHeld, .pinIsSet, .noPIN:
      .refused
    case .clockUnset, .firstTimeRefused, .clockLost, .clockUncertain, .stepRefused,
      .syncOutOfBounds, .timeBeforeLast:
      .clock
    }
  }
}

extension TokenFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .input(let failure): failure.description
    case .transport(let failure): failure.description
    case .noAnswer(let place):
      "The token at \(place) does not answer. Unplug it, plug it in again, and try once more."
    case .busy(let place):
      "Another program is using the token at \(place). Wait until it is done, or close it."
    case .restarted(let place):
      "The token at \(place) no longer knows this program: it was restarted, or too many programs use it "
        + "at once. Try again."
    case .replaced(let place):
      "The token at \(place) is another one than before, or was reset in the meantime. Start again."
    case .notAToken(let place):
      "What answers at \(place) is not a Watchfob token. Choose another one with --token."
    case .notSupported:
      "This token does not know that command. Its firmware is older than this program."
    case .nonsense(let detail):
      "The token answers nonsense: \(detail). It is faulty, or not what it claims to be; "
        + "do not trust codes from it."
    case .garbled(let error):
      "A message to the token was damaged on its way (\(error)). Try again."
    case .unexpected(let status, let command):
      "The token refused \(command.words) in a way that this program does not know "
        + "(\(hexadecimal(status))). Nothing was changed; please report this."
    case .cancelled:
      "Cancelled. Nothing was changed on the token."
    case .abandoned(let place):
      "Interrupted before the token at \(place) had answered. Look at what it holds before you repeat "
        + "the command."
    case .notTouched:
      "The button was not pressed in time. Try again, and press it when the token blinks."
    case .locked:
      "The token is locked with an access key. Give the password that was set for it."
    case .wrongAccessKey:
      "That is not the password of this token's access key. Check it and try again."
    case .pinNeeded:
      "The token needs its PIN first."
    case .wrongPIN(0):
      "That is not the PIN, and it was the last try: the PIN is blocked. Only 'fob reset' makes the "
        + "token usable again, and it wipes everything on it."
    case .wrongPIN(let left):
      "That is not the PIN of this token. It takes \(left) more \(left == 1 ? "try" : "tries"); then "
        + "only a reset helps, which wipes it."
    case .pinBlocked:
      "The PIN is blocked: it was given wrong \(AppletLimits.pinTries) times. Only 'fob reset' makes "
        + "the token usable again, and it wipes everything on it."
    case .pinIsSet:
      "The token has a PIN already. 'fob pin change' changes it."
    case .noPIN:
      "The token has no PIN. 'fob pin set' sets one."
    case .impostor:
      "The token did not prove that it knows its access key. It may not be your token."
    case .noPasswordAsked(let place):
      "You gave a password, but \(place) does not ask for one: it was reset, or it is not your token. "
        + "Nothing was sent to it. If that is right, leave the password out."
    case .noAccessKey:
      "This token's clock cannot be set: that needs a password that was set while the token was "
        + "empty. 'fob reset' erases the token and makes it usable again."
    case .noSuchCredential(let name):
      "There is no '\(name)' on the token. 'fob list' shows what there is."
    case .nameTaken(let name):
      "There is a '\(name)' on the token already. Choose another name, or remove that one first."
    case .tokenFull:
      "The token is full. Remove something from it first ('fob list', 'fob remove')."
    case .noRecoveryCodeLeft(let name):
      "There is no unused recovery code for '\(name)' on the token."
    case .nothingStaged:
      "No update is waiting on the token (any more). The old secret is intact; start again."
    case .clockUnset:
      "The token's clock was never set. Set it with 'fob clock sync'."
    case .firstTimeRefused:
      "The token's clock was never set, and the token has computed codes already. Setting it now "
        + "needs a password that was set while the token was empty ('fob clock sync'). Without one, "
        + "'fob reset' erases the token and makes it usable again."
    case .clockLost:
      "The token lost the time when it lost power. 'fob clock sync' sets its clock again if the token "
        + "has a password that was set while it was empty. Without one, 'fob reset' erases the token "
        + "and makes it usable again."
    case .clockUncertain:
      "The token's clock may be wrong by more than half a code's period. Correct it with "
        + "'fob clock sync'."
    case .stepRefused:
      "The token computes codes for its own present only, and its clock differs from this "
        + "computer's. Compare them with 'fob clock status'."
    case .syncOutOfBounds:
      "This computer's time differs from the token's by more than the token's crystal can explain. "
        + "Check this computer's clock ('timedatectl'). If it is right, 'fob clock sync' sets the "
        + "token's with the password."
    case .timeBeforeLast:
      "This computer's time is before the last that the token is known to have had. Check this "
        + "computer's clock; if that is right, the token's was wrong, and only 'fob reset' helps."
    case .policyHeld:
      "The token's policy for its clock is 'wipe', and stays so while it holds credentials. Remove "
        + "them first ('fob remove')."
    case .memoryFailed:
      "The token's memory failed, or holds something that it did not write. 'fob reset' wipes it "
        + "and makes it usable again; if it does not, do not rely on this token any longer."
    case .entropyFailed:
      "The token's source of randomness failed its test. Do not rely on this token any longer."
    }
  }

  private func hexadecimal(_ status: UInt16) -> String {
    let digits = String(status, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
