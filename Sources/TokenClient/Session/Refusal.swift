import TokenCore

/// A status word with what it takes to say what it means.
struct Refusal {
  let status: UInt16
  let command: Instruction
  /// The credential that the command was about.
  let name: Credential.Name?
  /// Whether the command carried its own proof.
  let hasOwnProof: Bool
  /// Whether the token had waited for its button.
  let waitedForTouch: Bool
  let place: String

  /// Docs/protocol.md, section 4, read in the command's context.
  var failure: TokenFailure {
    guard let word = StatusWord(rawValue: status) else { return unexpected }
    switch word {
    case .cancelled: return .cancelled
    case .memoryFailure: return .memoryFailed
    case .securityStatusNotSatisfied: return waitedForTouch ? .notTouched : .locked
    case .noSuchObject: return name.map { .noSuchCredential($0) } ?? unexpected
    case .wrongPIN: return .wrongPIN(triesLeft: 0)
    case .pinBlocked: return .pinBlocked
    case .conditionsNotSatisfied:
      // A nonce that was fetched a moment before is gone: nothing but a new start forgets it.
      if hasOwnProof, command != .setPIN { return .restarted(place: place) }
      if command == .setPIN { return .pinIsSet }
      if command == .changePIN || command == .verifyPIN { return .noPIN }
      if isAboutStaging { return .nothingStaged }
      if command == .setClockPolicy { return .policyHeld }
      // There is no access key any more.
      return command == .validate ? .restarted(place: place) : unexpected
    case .wrongData: return hasOwnProof || command == .validate ? .wrongAccessKey : unexpected
    case .applicationNotFound: return .notAToken(place: place)
    case .noSpace: return .tokenFull
    case .nameExists: return name.map { .nameTaken($0) } ?? unexpected
    case .unknownInstruction, .unknownClass: return .notSupported
    case .entropyFailure: return .entropyFailed
    case .clockUnset: return .clockUnset
    case .clockLost: return .clockLost
    case .clockUncertain: return .clockUncertain
    case .stepRefused: return .stepRefused
    case .syncOutOfBounds: return .syncOutOfBounds
    case .noAccessKey: return .noAccessKey
    case .timeBeforeLast: return .timeBeforeLast
    case .success, .wrongLength, .wrongParameters: return unexpected
    }
  }

  private var unexpected: TokenFailure { .unexpected(status: status, command: command) }

  private var isAboutStaging: Bool {
    switch command {
    case .stage, .commit, .rollBack, .calculateStaged: true
    default: false
    }
  }
}

extension Instruction {
  /// Completes 'The token refused …'.
  var words: String {
    switch self {
    case .put: "to store a credential"
    case .delete: "to remove a credential"
    case .setCode: "to set or clear the access key"
    case .reset: "to be reset"
    case .rename: "to rename a credential"
    case .list: "to list its credentials"
    case .calculate: "to compute a code"
    case .validate: "to take the access key"
    case .selectOrCalculateAll: "to compute its codes"
    case .sendRemaining: "to go on with its answer"
    case .setPIN: "to set a PIN"
    case .changePIN: "to change its PIN"
    case .verifyPIN: "to take the PIN"
    case .clockStatus: "to tell its time"
    case .clockSync: "to correct its clock"
    case .clockSet: "to set its clock"
    case .setClockPolicy: "to change its policy for the clock"
    case .stage: "to stage an update"
    case .commit: "to commit the update"
    case .rollBack: "to roll the update back"
    case .calculateStaged: "to compute the new secret's code"
    case .storeRecoveryCodes: "to store recovery codes"
    case .takeRecoveryCode: "to hand out a recovery code"
    case .countRecoveryCodes: "to count its recovery codes"
    case .nonce: "to begin with a change of its locks or its clock"
    case .information: "to describe itself"
    }
  }
}
