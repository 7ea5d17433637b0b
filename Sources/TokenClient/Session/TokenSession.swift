import OATH
import TokenCore

/// A conversation with one token: the applet's commands, typed, on one channel.
///
/// The commands are in the extensions, by what they are about: credentials and codes, the clock,
/// staged updates, recovery codes, the access key. Each waits for the token's answer, throws a
/// `TokenFailure` that names the cause and the way out, and has changed nothing when it throws,
/// unless the token went away in between. Used by one thread at a time.
public final class TokenSession {
  /// The framing underneath: how long to wait, how to cancel, whom to tell of the button.
  public let framing: FramingSession
  /// What the token said when it was selected last; `nil` when its memory is unusable, so that
  /// all it does is to describe itself and to be reset.
  public private(set) var selection: Selection?

  /// The framing's generation in which the access key was proved, if it was.
  private var provedGeneration: Int?
  /// The framing's generation in which the PIN was verified, if it was.
  private var verifiedGeneration: Int?

  /// Opens `transport`, gets a channel and selects the applet.
  public convenience init(
    over transport: any TokenTransport, patience: Patience = Patience()
  ) throws(TokenFailure) {
    try self.init(on: FramingSession(over: transport, patience: patience))
  }

  /// Opens `framing`, whose callbacks may be set already, and selects the applet.
  public init(on framing: FramingSession) throws(TokenFailure) {
    self.framing = framing
    try framing.open()
    do {
      selection = try Self.select(on: framing)
    } catch .memoryFailed {
      selection = nil
    }
  }

  public func close() {
    framing.close()
  }

  /// Whether an access key is set that this session has yet to prove (`validate`).
  public var isLocked: Bool {
    selection?.lock != nil && provedGeneration != framing.generation
  }

  /// Whether a PIN is set that this session has yet to prove (`verify`).
  public var wantsPIN: Bool {
    selection?.pinTries != nil && verifiedGeneration != framing.generation
  }

  /// Whether an access key is set, proved or not.
  public var hasAccessKey: Bool { selection?.lock != nil }

  /// Whether a PIN is set, verified or not.
  public var hasPIN: Bool { selection?.pinTries != nil }
}

// MARK: - The token itself

extension TokenSession {
  /// What SELECT answers.
  public struct Selection: Sendable {
    public let version: DeviceVersion
    /// The salt of the access key's derivation.
    public let identifier: DeviceIdentifier
    /// Present when an access key is set.
    let lock: Lock?
    /// Tries that the PIN had left, `0 ... 8`; `nil` when none is set.
    public let pinTries: Int?

    struct Lock: Sendable {
      /// For VALIDATE.
      let nonce: [UInt8]
      let algorithm: HashAlgorithm
    }
  }

  /// Selects the applet again: the access key and the PIN are to be proved anew.
  @discardableResult
  public func select() throws(TokenFailure) -> Selection {
    provedGeneration = nil
    verifiedGeneration = nil
    let answer = try Self.select(on: framing)
    selection = answer
    return answer
  }

  public func information() throws(TokenFailure) -> TokenInformation {
    try TokenInformation(perform(CommandAPDU(.information)))
  }

  /// Wipes everything: credentials, recovery codes, the access key, the PIN, the time.
  public func reset() throws(TokenFailure) {
    try performQuietly(CommandAPDU(.reset, p1: 0xDE, p2: 0xAD))
    try select()
  }

  /// Lets the token's indicator blink, so that a person sees which one it is.
  public func wink() throws(TokenFailure) {
    _ = try framing.transact(.wink, Span())
  }

  /// Sends bytes to and fro, at most 7,609.
  public func ping(_ bytes: [UInt8]) throws(TokenFailure) {
    guard bytes.count <= FramingLimits.messageSize else {
      throw .input(.pingTooLong(bytes: bytes.count))
    }
    guard try framing.transact(.ping, bytes.span) == bytes else {
      throw .nonsense("what it echoes is not what was sent")
    }
  }

  /// Keeps other programs from the token for up to 10 seconds; 0 lets them in again.
  public func lock(seconds: Int) throws(TokenFailure) {
    guard let byte = UInt8(exactly: seconds), byte <= FramingLimits.longestLock else {
      throw .input(.lockTooLong(seconds: seconds))
    }
    _ = try framing.transact(.lock, [byte].span)
  }
}

// MARK: - Commands

extension TokenSession {
  /// Carries out a command and returns its answer's fields.
  ///
  /// - Parameter name: the credential that the command is about, for the failure's sentence.
  func perform(
    _ command: CommandAPDU, about name: Credential.Name? = nil
  ) throws(TokenFailure) -> FieldReader {
    let (status, answer) = try Self.exchange(command, on: framing)
    if status == StatusWord.success.rawValue {
      return FieldReader(answer, from: Self.statusSize)
    }
    if let failure = try failure(of: command, status: status) { throw failure }
    throw Refusal(
      status: status, command: command.instruction, name: name,
      waitedForTouch: framing.lastWaitedForTouch, place: framing.transport.place
    ).failure
  }

  /// Carries out a command whose answer has no data.
  func performQuietly(
    _ command: CommandAPDU, about name: Credential.Name? = nil
  ) throws(TokenFailure) {
    var fields = try perform(command, about: name)
    try fields.end()
  }

  func noteProof() {
    provedGeneration = framing.generation
  }

  func noteVerification() {
    verifiedGeneration = framing.generation
  }

  /// What a status word means that says less than the token can tell.
  private func failure(
    of command: CommandAPDU, status: UInt16
  ) throws(TokenFailure) -> TokenFailure? {
    // A token that refuses to say more is not asked again, and again.
    guard command.instruction != .clockStatus, command.instruction != .information else {
      return nil
    }
    return switch StatusWord(rawValue: status) {
    case .clockUnset: try clockStatus().state == .lost ? .clockLost : .clockUnset
    case .wrongPIN: try wrongPIN()
    case .securityStatusNotSatisfied
    where !framing.lastWaitedForTouch && wantsPIN && (command.isUse || !isLocked):
      try information().pinTries == 0 ? .pinBlocked : .pinNeeded
    default: nil
    }
  }

  /// A wrong PIN ends what was verified.
  private func wrongPIN() throws(TokenFailure) -> TokenFailure {
    verifiedGeneration = nil
    return .wrongPIN(triesLeft: try information().pinTries ?? 0)
  }

  private static func select(on framing: FramingSession) throws(TokenFailure) -> Selection {
    let command = CommandAPDU(.selectOrCalculateAll, p1: 0x04)
    let identifier = AppletLimits.applicationIdentifier
    for index in identifier.indices { command.appendRaw(identifier[index]) }
    let (status, answer) = try exchange(command, on: framing)
    switch StatusWord(rawValue: status) {
    case .success: break
    case .memoryFailure: throw .memoryFailed
    case .entropyFailure: throw .entropyFailed
    default: throw .notAToken(place: framing.transport.place)
    }
    return try Selection(FieldReader(answer, from: statusSize))
  }

  private static func exchange(
    _ command: CommandAPDU, on framing: FramingSession
  ) throws(TokenFailure) -> (status: UInt16, answer: SecretBytes) {
    var message = try command.encoded().withBytes { bytes throws(TokenFailure) in
      try framing.transact(.applet, bytes)
    }
    let answer = SecretBytes(taking: &message)
    guard answer.count >= statusSize else { throw .nonsense("its answer has no status") }
    return (UInt16(answer[0]) << 8 | UInt16(answer[1]), answer)
  }

  /// An answer is the status word, then the data.
  private static let statusSize = 2
}

extension TokenSession.Selection {
  init(_ fields: FieldReader) throws(TokenFailure) {
    var fields = fields
    version = DeviceVersion(try fields.value(of: .version, 3...3))
    identifier = DeviceIdentifier(rawValue: fields.number(in: try fields.value(of: .name, 8...8)))
    let size = AppletLimits.nonceSize
    if let nonce = try fields.optionalValue(of: .challenge, size...size) {
      guard let algorithm = HashAlgorithm(rawValue: try fields.byte(of: .algorithm)) else {
        throw .nonsense("its access key is of an unknown kind")
      }
      lock = Lock(nonce: nonce, algorithm: algorithm)
    } else {
      lock = nil
    }
    pinTries = try fields.pinTries()
    try fields.end()
  }
}
