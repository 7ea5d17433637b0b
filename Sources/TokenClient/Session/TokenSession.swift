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

  /// Told before a PIN is proved again, for which the button has to be pressed again: a proof lasts ten
  /// minutes at most.
  public var verifiesAgain: (() -> Void)?
  /// What time it is for the session. A test's clock goes here.
  public var now: () -> Deadline = { .now }

  /// What this session has proved, to be proved again when the token has let the proof end.
  var heldKey: AccessKey?
  var heldPIN: UserPIN?
  /// The proof of the access key that was given last, until the next SELECT.
  private(set) var keyProof: GivenProof?
  /// When the last command was sent.
  private(set) var lastCommand = Deadline.now

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
      selection = try readSelection()
    } catch .memoryFailed {
      selection = nil
    }
  }

  /// Ends what was proved, staged and locked, and disconnects. Never waits long for a token that does
  /// not answer; that one forgets by itself a minute after the last command.
  public func close() {
    (heldKey, heldPIN, keyProof) = (nil, nil, nil)
    framing.close()
  }

  /// Whether an access key is set that this session has yet to prove (`validate`).
  public var isLocked: Bool { hasAccessKey && heldKey == nil }

  /// Whether a PIN is set that this session has yet to prove (`verify`).
  public var wantsPIN: Bool { hasPIN && heldPIN == nil }

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

  /// Selects the applet again, which ends what was proved. The session proves it anew when a command
  /// needs it.
  @discardableResult
  public func select() throws(TokenFailure) -> Selection {
    keyProof = nil
    let answer = try readSelection()
    selection = answer
    if !hasAccessKey { heldKey = nil }
    if !hasPIN { heldPIN = nil }
    return answer
  }

  public func information() throws(TokenFailure) -> TokenInformation {
    try TokenInformation(perform(CommandAPDU(.information)))
  }

  /// Wipes everything: credentials, recovery codes, the access key, the PIN. A clock that runs keeps
  /// running. A token that holds any of these waits for its button first.
  public func reset() throws(TokenFailure) {
    try performQuietly(CommandAPDU(.reset, p1: 0xDE, p2: 0xAD))
    (heldKey, heldPIN) = (nil, nil)
    try select()
  }

  /// Lets the token's indicator blink, so that a person sees which one it is.
  public func wink() throws(TokenFailure) {
    _ = try transact(.wink, Span())
  }

  /// Sends bytes to and fro, at most 7,609.
  public func ping(_ bytes: [UInt8]) throws(TokenFailure) {
    guard bytes.count <= FramingLimits.messageSize else {
      throw .input(.pingTooLong(bytes: bytes.count))
    }
    guard try transact(.ping, bytes.span) == bytes else {
      throw .nonsense("what it echoes is not what was sent")
    }
  }

  /// Keeps other programs from the token for up to 10 seconds; 0 lets them in again.
  public func lock(seconds: Int) throws(TokenFailure) {
    guard let byte = UInt8(exactly: seconds), byte <= FramingLimits.longestLock else {
      throw .input(.lockTooLong(seconds: seconds))
    }
    _ = try transact(.lock, [byte].span)
    if seconds > 0 { framing.holdsAuthority = true }
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
    try renewIfDue(for: command)
    var (status, answer) = try carryOut(command)
    if status == StatusWord.securityStatusNotSatisfied.rawValue, !framing.lastWaitedForTouch,
      let secret = secret(for: command), try renew(secret)
    {
      // It was refused before anything was done: the proof had ended.
      (status, answer) = try carryOut(command)
    }
    if status == StatusWord.success.rawValue {
      return FieldReader(answer, from: Self.statusSize)
    }
    if let failure = try failure(of: command, status: status) { throw failure }
    throw Refusal(
      status: status, command: command.instruction, name: name,
      hasOwnProof: command.hasOwnProof, waitedForTouch: framing.lastWaitedForTouch,
      place: framing.transport.place
    ).failure
  }

  /// Carries out a command whose answer has no data.
  func performQuietly(
    _ command: CommandAPDU, about name: Credential.Name? = nil
  ) throws(TokenFailure) {
    var fields = try perform(command, about: name)
    try fields.end()
  }

  func noteProof(of key: AccessKey) {
    heldKey = key
    keyProof = GivenProof(generation: framing.generation, moment: now())
    framing.holdsAuthority = true
  }

  func noteVerification(of pin: UserPIN) {
    heldPIN = pin
    framing.holdsAuthority = true
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
    case .wrongPIN: try wrongPIN()
    case .securityStatusNotSatisfied
    where !framing.lastWaitedForTouch && secret(for: command) == .pin:
      try information().pinTries == 0 ? .pinBlocked : .pinNeeded
    default: nil
    }
  }

  /// A wrong PIN ends what was verified, and is not tried once more: each try counts.
  private func wrongPIN() throws(TokenFailure) -> TokenFailure {
    heldPIN = nil
    return .wrongPIN(triesLeft: try information().pinTries ?? 0)
  }

  private func readSelection() throws(TokenFailure) -> Selection {
    let command = CommandAPDU(.selectOrCalculateAll, p1: 0x04)
    let identifier = AppletLimits.applicationIdentifier
    for index in identifier.indices { command.appendRaw(identifier[index]) }
    let (status, answer): (UInt16, SecretBytes)
    do {
      (status, answer) = try exchange(command)
    } catch .restarted {
      (status, answer) = try exchange(command)
    }
    switch StatusWord(rawValue: status) {
    case .success: break
    case .memoryFailure: throw .memoryFailed
    case .entropyFailure: throw .entropyFailed
    default: throw .notAToken(place: framing.transport.place)
    }
    return try Selection(FieldReader(answer, from: Self.statusSize))
  }

  /// Has the token carry out a command; once more on a new channel if it has forgotten this one.
  private func carryOut(
    _ command: CommandAPDU
  ) throws(TokenFailure) -> (status: UInt16, answer: SecretBytes) {
    do {
      return try exchange(command)
    } catch .restarted where !command.isBoundToChannel && !framing.lastWaitedForTouch {
      try resume(for: command)
      return try exchange(command)
    }
  }

  /// A transaction that has nothing to do with the applet; once more on a new channel if the token
  /// has forgotten this one.
  private func transact(
    _ command: FramingCommand, _ payload: Span<UInt8>
  ) throws(TokenFailure) -> [UInt8] {
    do {
      return try framing.transact(command, payload)
    } catch .restarted {
      try resume(for: nil)
      return try framing.transact(command, payload)
    }
  }

  private func exchange(
    _ command: CommandAPDU
  ) throws(TokenFailure) -> (status: UInt16, answer: SecretBytes) {
    defer { lastCommand = now() }
    var message = try command.encoded().withBytes { bytes throws(TokenFailure) in
      try framing.transact(.applet, bytes)
    }
    let answer = SecretBytes(taking: &message)
    guard answer.count >= Self.statusSize else { throw .nonsense("its answer has no status") }
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
