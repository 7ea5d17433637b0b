import Enrollment
import TokenClient

extension FobError {
  /// What a token, or the way to it, refused.
  init(_ failure: TokenFailure) {
    self.init(Self.status(of: failure), failure.description)
  }

  init(_ failure: TransportFailure) {
    self.init(.transport(failure))
  }

  init(_ failure: OTPAuthURI.Failure) {
    self.init(.badInput, failure.description)
  }

  init(_ failure: TypedKey.Failure) {
    self.init(.badInput, failure.description)
  }

  init(_ failure: QRPicture.Failure) {
    self.init(.badInput, failure.description)
  }

  private static func status(of failure: TokenFailure) -> ExitStatus {
    switch failure {
    case .input: .badInput
    case .transport(.vanished): .disconnected
    case .transport(.unusable): .badInput
    case .transport, .notAToken: .noToken
    case .noAnswer, .busy, .restarted, .replaced, .garbled: .disconnected
    case .abandoned: .interrupted
    case .cancelled, .notTouched: .notConfirmed
    case .locked, .wrongAccessKey, .impostor, .pinNeeded, .wrongPIN, .pinBlocked,
      .noPasswordAsked:
      .locked
    case .noSuchCredential, .noRecoveryCodeLeft: .unknownName
    case .nameTaken, .tokenFull, .pinIsSet: .occupied
    case .clockUnset, .firstTimeRefused, .clockLost, .clockUncertain, .stepRefused,
      .syncOutOfBounds, .timeBeforeLast, .noAccessKey:
      .clock
    case .notSupported, .nonsense, .unexpected, .nothingStaged, .policyHeld, .noPIN, .memoryFailed,
      .entropyFailed:
      .failed
    }
  }
}
