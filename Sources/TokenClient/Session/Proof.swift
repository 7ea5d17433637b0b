import TokenCore

/// What a session has to prove to a token that has secrets, and when that ends.
enum ProvableSecret {
  case accessKey
  case pin
}

/// A proof that a session gave. The token lets it hold until the channel's next SELECT or INIT, for
/// a minute after the channel's last command, and for ten minutes at most.
struct GivenProof {
  /// A proof that is renewed this long before its end cannot run out on its way.
  static let margin = Duration.seconds(5)
  private static let idle =
    Duration.milliseconds(AppletLimits.idleProofMilliseconds) - margin
  private static let longest =
    Duration.milliseconds(AppletLimits.longestProofMilliseconds) - margin

  /// The framing's generation: what the token knew of the channel before is gone.
  let generation: Int
  let moment: Deadline

  /// Whether the token will let it hold for one more command.
  func holds(in generation: Int, lastCommand: Deadline, now: Deadline) -> Bool {
    generation == self.generation && now.isWithin(Self.longest, of: moment)
      && now.isWithin(Self.idle, of: lastCommand)
  }
}

extension Deadline {
  /// Whether less than `length` has passed since `start`.
  fileprivate func isWithin(_ length: Duration, of start: Deadline) -> Bool {
    let passed = nanoseconds > start.nanoseconds ? nanoseconds - start.nanoseconds : 0
    return .nanoseconds(Int64(clamping: passed)) < length
  }
}

// MARK: - Renewing

/// A person proves a secret once; the session keeps what proves it, in bytes that are wiped, and
/// proves it again when the token has let the proof end.
extension TokenSession {
  /// Which secret the token wants for a command, if it wants one.
  func secret(for command: CommandAPDU) -> ProvableSecret? {
    switch command.access {
    case .free: nil
    case .use: hasPIN ? .pin : hasAccessKey ? .accessKey : nil
    case .provisioning: hasAccessKey ? .accessKey : hasPIN ? .pin : nil
    case .look: hasAccessKey && (heldKey != nil || !hasPIN) ? .accessKey : hasPIN ? .pin : nil
    }
  }

  /// Proves the access key again if its proof is about to end. A PIN, which takes a press of the
  /// button, is not proved again before the token asks for it.
  func renewIfDue(for command: CommandAPDU) throws(TokenFailure) {
    guard secret(for: command) == .accessKey, let keyProof,
      !keyProof.holds(in: framing.generation, lastCommand: lastCommand, now: now())
    else { return }
    try renew(.accessKey)
  }

  /// Proves a secret again.
  ///
  /// - Returns: whether the session had it to prove, and the token still wants it.
  @discardableResult
  func renew(_ secret: ProvableSecret) throws(TokenFailure) -> Bool {
    switch secret {
    case .accessKey:
      guard let key = heldKey else { return false }
      do {
        try validate(key)
      } catch .wrongAccessKey {
        // Somebody has changed the password in the meantime.
        heldKey = nil
        throw .locked
      }
    case .pin:
      guard let pin = heldPIN else { return false }
      // Not to a token that does not prove that it knows the password.
      if let key = heldKey, keyProof == nil { try validate(key) }
      verifiesAgain?()
      try verify(pin)
    }
    return true
  }

  /// Goes on with a token that has forgotten this session's channel: on a new one, with what was
  /// proved before proved again where `command` needs it.
  func resume(for command: CommandAPDU?) throws(TokenFailure) {
    // One with an unusable memory has nothing to prove anything to.
    guard let identifier = selection?.identifier else { return }
    let hadKey = heldKey != nil
    guard try select().identifier == identifier else {
      throw .replaced(place: framing.transport.place)
    }
    guard hasAccessKey || !hadKey else { throw .noPasswordAsked(place: framing.transport.place) }
    guard let command, let secret = secret(for: command) else { return }
    try renew(secret)
  }

  /// Keeps a verified PIN from ending by a minute's silence: to be called now and then while a person
  /// is asked something. It still ends after ten minutes.
  public func keepVerified() throws(TokenFailure) {
    guard heldPIN != nil, !now().isWithin(.seconds(30), of: lastCommand) else { return }
    _ = try information()
  }

  /// Connects anew to a token that went away. What was proved is proved again when a command needs it.
  ///
  /// - Throws: `replaced` when it is another one.
  public func reopen() throws(TokenFailure) {
    framing.disconnect()
    try framing.open()
    try resume(for: nil)
  }

  /// A nonce for a command's own proof: for this channel, for one use, good for a minute.
  func nonce() throws(TokenFailure) -> [UInt8] {
    var fields = try perform(CommandAPDU(.nonce))
    let nonce = try fields.value(of: .challenge, AppletLimits.nonceSize...AppletLimits.nonceSize)
    try fields.end()
    return nonce
  }

  /// `command` with what it takes to change who may get in: its own proof under the access key where
  /// one is set, else the PIN where one is set, else nothing more.
  ///
  /// - Parameter pin: the PIN, if the session was not told it before; the token waits for its button.
  func authorized(
    _ command: CommandAPDU, pin: UserPIN? = nil
  ) throws(TokenFailure) -> CommandAPDU {
    if hasAccessKey {
      guard let key = heldKey else { throw .locked }
      return command.proved(by: key, over: try nonce())
    }
    if hasPIN {
      guard let pin = pin ?? heldPIN else { throw .pinNeeded }
      command.append(.pin, pin.bytes)
    }
    return command
  }
}
