/// What the applet knows of the channels that talk to it: the nonces that each one was given, and what
/// it has proved to know: the access key, the PIN.
///
/// A proof belongs to the channel that gave it. It ends 60 s after that channel's last command, 10
/// minutes after it was given at the latest, and with the session (Docs/protocol.md, section 12).
///
/// Six sessions at once, four of them proved. A session that has proved nothing only ever takes the
/// place of another such; a fifth proof takes the place of the one that was used least recently.
struct SessionTable: ~Copyable {
  static let provedSessions = 4

  /// What a channel can prove to know.
  enum Secret {
    case accessKey
    case pin
  }

  typealias Nonce = InlineArray<8, UInt8>

  private struct Session {
    var channel = ChannelID.reserved
    /// Of the last SELECT; what VALIDATE answers.
    var selectNonce: Nonce?
    /// Of the last NONCE, until a command has used it.
    var commandNonce: Nonce?
    var commandNonceEnd = Ticks(0)
    /// The channel's last command.
    var lastUse = Ticks(0)
    /// Its place in the order of all channels' commands, several of which may share a tick.
    var order: UInt32 = 0
    /// When the proofs that hold end at the latest; 0 for one that does not hold.
    var validatedUntil = Ticks(0)
    var verifiedUntil = Ticks(0)

    var isProved: Bool { validatedUntil != Ticks(0) || verifiedUntil != Ticks(0) }
  }

  private var sessions: InlineArray<6, Session> = InlineArray(repeating: Session())
  /// Commands so far.
  private var uses: UInt32 = 0
  private let idle: UInt64
  private let longest: UInt64
  private let nonceLife: UInt64

  init(rate: TickRate) {
    idle = rate.ticks(inMilliseconds: AppletLimits.idleProofMilliseconds)
    longest = rate.ticks(inMilliseconds: AppletLimits.longestProofMilliseconds)
    nonceLife = rate.ticks(inMilliseconds: AppletLimits.nonceMilliseconds)
  }

  /// Ends the proofs whose time is over, then counts a command of `channel` as a use of its own.
  mutating func use(_ channel: ChannelID, at now: Ticks) {
    expire(at: now)
    guard let index = indexOf(channel) else { return }
    note(index, at: now)
  }

  private mutating func note(_ index: Int, at now: Ticks) {
    uses &+= 1
    sessions[index].lastUse = now
    sessions[index].order = uses
  }

  /// Ends the proofs whose time is over.
  @inline(never)
  mutating func expire(at now: Ticks) {
    for index in sessions.indices {
      let isIdle = now.elapsed(since: sessions[index].lastUse) >= idle
      if isIdle || now >= sessions[index].validatedUntil {
        sessions[index].validatedUntil = Ticks(0)
      }
      if isIdle || now >= sessions[index].verifiedUntil {
        sessions[index].verifiedUntil = Ticks(0)
      }
    }
  }

  /// Begins anew for `channel`, with a nonce to be answered by VALIDATE, or with none.
  mutating func select(_ channel: ChannelID, nonce: Nonce?, at now: Ticks) {
    forget(channel)
    guard nonce != nil else { return }
    sessions[place(of: channel, at: now)].selectNonce = nonce
  }

  /// - Returns: the nonce of the channel's last SELECT, or `nil`.
  func selectNonce(of channel: ChannelID) -> Nonce? {
    guard let index = indexOf(channel) else { return nil }
    return sessions[index].selectNonce
  }

  /// Gives `channel` a nonce for one command's own proof, in place of the one it had.
  mutating func give(_ nonce: Nonce, to channel: ChannelID, at now: Ticks) {
    let index = place(of: channel, at: now)
    sessions[index].commandNonce = nonce
    sessions[index].commandNonceEnd = now.advanced(by: nonceLife)
  }

  /// - Returns: the channel's nonce for a command's own proof, or `nil` when it has none that is
  ///   still good.
  func commandNonce(of channel: ChannelID, at now: Ticks) -> Nonce? {
    guard let index = indexOf(channel), now < sessions[index].commandNonceEnd else { return nil }
    return sessions[index].commandNonce
  }

  /// The channel's nonce has served.
  mutating func spendCommandNonce(of channel: ChannelID) {
    guard let index = indexOf(channel) else { return }
    sessions[index].commandNonce = nil
  }

  /// The channel has proved to know a secret.
  mutating func prove(_ secret: Secret, on channel: ChannelID, at now: Ticks) {
    let index = place(of: channel, at: now)
    if !sessions[index].isProved { endOneProofIfFull() }
    switch secret {
    case .accessKey: sessions[index].validatedUntil = now.advanced(by: longest)
    case .pin: sessions[index].verifiedUntil = now.advanced(by: longest)
    }
  }

  /// Whether the channel has proved to know a secret, and the proof still holds.
  @inline(never)
  func isProved(_ secret: Secret, on channel: ChannelID) -> Bool {
    guard let index = indexOf(channel) else { return false }
    return switch secret {
    case .accessKey: sessions[index].validatedUntil != Ticks(0)
    case .pin: sessions[index].verifiedUntil != Ticks(0)
    }
  }

  /// Whether the channel has proved anything that still holds.
  @inline(never)
  func isProved(_ channel: ChannelID) -> Bool {
    guard let index = indexOf(channel) else { return false }
    return sessions[index].isProved
  }

  /// No channel has proved to know the PIN any more.
  mutating func endVerifications() {
    for index in sessions.indices { sessions[index].verifiedUntil = Ticks(0) }
  }

  @inline(never)
  mutating func forget(_ channel: ChannelID) {
    guard let index = indexOf(channel) else { return }
    end(index)
  }

  /// Forgets every channel but the card's.
  mutating func forgetBus() {
    for index in sessions.indices where sessions[index].channel != .card { end(index) }
  }

  mutating func forgetAll() {
    for index in sessions.indices { end(index) }
  }

  /// Leaves nothing of a session.
  @inline(never)
  private mutating func end(_ index: Int) {
    sessions[index] = Session()
  }

  /// Where `channel` is, or is to be: then nothing of the one whose place it takes is left there.
  @inline(never)
  private mutating func place(of channel: ChannelID, at now: Ticks) -> Int {
    if let known = indexOf(channel) {
      note(known, at: now)
      return known
    }
    let index = indexOf(.reserved) ?? leastRecent(proved: false) ?? 0
    end(index)
    sessions[index].channel = channel
    note(index, at: now)
    return index
  }

  /// With four proofs of other channels, the one that was used least recently ends.
  @inline(never)
  private mutating func endOneProofIfFull() {
    var count = 0
    for index in sessions.indices where sessions[index].isProved { count += 1 }
    guard count >= Self.provedSessions, let index = leastRecent(proved: true) else { return }
    end(index)
  }

  @inline(never)
  private func leastRecent(proved: Bool) -> Int? {
    var found: Int?
    for index in sessions.indices
    where sessions[index].channel != .reserved && sessions[index].isProved == proved {
      if let best = found, sessions[best].order < sessions[index].order { continue }
      found = index
    }
    return found
  }

  @inline(never)
  private func indexOf(_ channel: ChannelID) -> Int? {
    for index in sessions.indices where sessions[index].channel == channel { return index }
    return nil
  }
}
