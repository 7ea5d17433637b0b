import OATH

/// What a token should contain: dictionaries, and the protocol's rules about what goes with what.
struct TokenModel: Equatable {
  struct Credential: Equatable {
    var key: [UInt8]
    /// HOTP's next moving factor; nil for TOTP.
    var counter: UInt64?
    /// Whether the token has given a code of it since it was stored.
    var isCounted = false
    var codes: [[UInt8]] = []
    var codesStored = 0
  }

  var credentials: [String: Credential] = [:]
  var accessKey: [UInt8]?
  var pin: [UInt8]?
  /// Tries of the PIN that are left, while there is a PIN.
  var tries = Self.allTries
  static let allTries = 8
  /// Whether the clock was ever set, and stands at `TokenSubject`'s time.
  var isClockSet = false

  /// All that nobody may find any more once it is gone.
  var secrets: [[UInt8]] {
    credentials.values.map(\.key) + credentials.values.flatMap(\.codes)
      + (accessKey.map { [$0] } ?? [])
  }
}

/// One command, or a few that belong together.
enum TokenCommand {
  case put(String, key: [UInt8], counter: UInt64?)
  case delete(String)
  case rename(String, String)
  case setAccessKey([UInt8]?)
  case calculate(String)
  /// STAGE, a code of the new secret, COMMIT.
  case update(String, key: [UInt8], counter: UInt64?)
  case storeCodes(String, [[UInt8]])
  case takeCode(String)
  case syncClock
  case setPIN([UInt8])
  case verifyPIN([UInt8])
  /// From the PIN that is set to another, or to none.
  case changePIN([UInt8])
  case reset
}

extension TokenCommand {
  /// Whether it needs no proof of the PIN, because it is one or puts an end to it.
  var isAboutPIN: Bool {
    switch self {
    case .setPIN, .verifyPIN, .changePIN, .reset: true
    default: false
    }
  }
}

extension TokenModel {
  /// What the command does, if it is answered.
  mutating func perform(_ command: TokenCommand) {
    switch command {
    case .put(let name, let key, let counter):
      credentials[name] = Credential(key: key, counter: counter)
    case .update(let name, let key, let counter):
      // A code was shown while it was staged, and is not computed again.
      credentials[name] = Credential(key: key, counter: counter.map { $0 + 1 })
    case .delete(let name): credentials[name] = nil
    case .rename(let old, let new):
      credentials[new] = credentials.removeValue(forKey: old)
    case .setAccessKey(let key):
      // It is proved with the PIN, where there is only that.
      if accessKey == nil { tries = Self.allTries }
      accessKey = key
    case .calculate(let name):
      if let counter = credentials[name]?.counter {
        credentials[name]?.counter = counter + 1
        credentials[name]?.isCounted = true
      }
    case .storeCodes(let name, let codes):
      credentials[name]?.codes = codes
      credentials[name]?.codesStored = codes.count
    case .takeCode(let name): credentials[name]?.codes.removeFirst()
    case .syncClock: isClockSet = isClockSet || isFirstTimeFree
    case .setPIN(let new):
      pin = new
      tries = Self.allTries
    case .verifyPIN(let tried): tries = tried == pin ? Self.allTries : tries - 1
    case .changePIN(let new):
      pin = new.isEmpty ? nil : new
      tries = Self.allTries
    // A clock that runs goes on.
    case .reset: self = TokenModel(isClockSet: isClockSet)
    }
  }

  /// Whether a clock that was never set takes any time: no code was given yet.
  var isFirstTimeFree: Bool { credentials.values.allSatisfy { !$0.isCounted } }

  /// The next truncated value of a credential, 4 bytes; nil if the token cannot say.
  func nextValue(of name: String, atStep step: UInt64) -> [UInt8]? {
    guard let credential = credentials[name], credential.counter != nil || isClockSet else {
      return nil
    }
    let key = OATHKey(algorithm: .sha1, secret: credential.key.span)
    let truncation = HOTP.truncation(key: key, at: MovingFactor(credential.counter ?? step))
    return Fields.bigEndian(truncation.value)
  }
}
