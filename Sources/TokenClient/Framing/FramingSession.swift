import OATH
import TokenCore

/// The host's side of CTAPHID (Docs/protocol.md, section 2): one channel on one token, one
/// transaction at a time.
///
/// Nothing that the token sends is trusted: not its lengths, its order, nor that it ends. Whatever
/// it does, a call returns an answer or throws a `TokenFailure` within `patience`.
public final class FramingSession {
  public let transport: any TokenTransport
  public var patience: Patience

  /// Asked again and again while the token is waited for; `true` ends the wait with `cancelled` where
  /// the token waits for its button or is busy with another program. A token that is at work gets a
  /// little time more (`Patience.cancelled`), so that it is known whether the command was carried out;
  /// then the wait ends with `abandoned`. A signal handler's flag goes here.
  public var isCancelled: (() -> Bool)?

  /// When the person cancelled; `nil` as long as they have not. Set as soon as it is noticed, or by who
  /// knows it from elsewhere.
  public var cancelledAt: Deadline?

  /// Told when the token begins to wait for its button, `true`, and when it no longer does,
  /// `false`: in pairs, at most once for each transaction.
  public var touchIsAwaited: ((Bool) -> Void)?

  /// The channel, or `broadcast` while there is none.
  public private(set) var channel = ChannelID.broadcast
  /// What the token said of itself in its INIT response: major, minor, build.
  public private(set) var deviceVersion = DeviceVersion(major: 0, minor: 0, build: 0)
  public private(set) var capabilities = Capabilities()

  /// Whether the last transaction waited for the button.
  private(set) var lastWaitedForTouch = false
  /// How often the channel was opened or resynchronised: what the token knew of it is gone since.
  private(set) var generation = 0
  /// Whether the token may hold something for this channel that nobody else shall have the use of:
  /// a proof, a staged update, a LOCK. `close()` has it forgotten.
  var holdsAuthority = false
  private var isOpen = false
  /// Whether an answer may still be on its way that nobody waits for.
  private var isOutOfStep = true

  /// - Parameter transport: not yet open; `open()` opens it.
  public init(over transport: any TokenTransport, patience: Patience = Patience()) {
    self.transport = transport
    self.patience = patience
  }

  deinit {
    // A session that was closed has no say any more: its transport may be another's by now.
    if isOpen { close() }
  }

  /// Opens the transport and gets a channel.
  public func open() throws(TokenFailure) {
    do {
      try transport.open()
    } catch {
      throw .transport(error)
    }
    isOpen = true
    channel = .broadcast
    try synchronize()
  }

  /// Ends on the token what this session proved, staged and locked, as far as the token can be
  /// reached within `patience.farewell`, and disconnects.
  public func close() {
    if isOpen { resign() }
    disconnect()
  }

  /// Disconnects from a token that does not answer any more.
  func disconnect() {
    isOpen = false
    transport.close()
    channel = .broadcast
    isOutOfStep = true
  }

  /// Sends a request and waits for its whole answer.
  ///
  /// - Parameter payload: at most 7,609 bytes. The reports made from it are wiped after sending.
  /// - Returns: at most 7,609 bytes, in storage that nothing else refers to.
  public func transact(
    _ command: FramingCommand, _ payload: Span<UInt8>
  ) throws(TokenFailure) -> [UInt8] {
    precondition(payload.count <= FramingLimits.messageSize, "a message has at most 7,609 bytes")
    if isOutOfStep { try synchronize() }
    let end = Deadline(in: patience.busy)
    var pause = Patience.firstPause
    while true {
      if let answer = try exchange(command, payload) { return answer }
      try rest(before: Deadline(in: pause), atMost: end)
      pause = min(pause * 2, Patience.lastPause)
    }
  }
}

// MARK: - A transaction

extension FramingSession {
  /// One request and its answer; `nil` when another program has the token.
  private func exchange(
    _ command: FramingCommand, _ payload: Span<UInt8>
  ) throws(TokenFailure) -> [UInt8]? {
    isOutOfStep = true
    lastWaitedForTouch = false
    var assembly = MessageAssembly(channel: channel, command: command)
    defer {
      assembly.wipePayload()
      if lastWaitedForTouch { touchIsAwaited?(false) }
    }
    try send(command, payload, on: channel)

    var end = Deadline(in: patience.command)
    var next = end.atMost(patience.answer)
    var hasCancelled = false
    let isTidying = hasBeenCancelled()
    while true {
      if let limit = limit(isTidying: isTidying) {
        end = min(end, limit)
        next = min(next, end)
      }
      if let report = try read(before: next) {
        switch try assembly.take(report) {
        case .ignored, .partial: break
        case .complete:
          isOutOfStep = false
          return assembly.takePayload()
        case .keepAlive(let status):
          if status == .touchNeeded { noteTouch() }
          next = end.atMost(patience.answer)
        case .refused(let error):
          return try refuse(error)
        }
      }
      if lastWaitedForTouch, !hasCancelled, hasBeenCancelled() {
        try send(.cancel, Span(), on: channel)
        hasCancelled = true
      }
      if next.hasPassed {
        throw hasCancelled ? .cancelled : silence
      }
    }
  }

  /// By when the token has to have answered, if the person has cancelled.
  ///
  /// - Parameter isTidying: whether they had before the command was sent, which is to put things in
  ///   order then.
  private func limit(isTidying: Bool) -> Deadline? {
    guard hasBeenCancelled(), let cancelledAt else { return nil }
    return cancelledAt + (isTidying ? patience.tidying : patience.cancelled)
  }

  private func hasBeenCancelled() -> Bool {
    guard isCancelled?() == true else {
      cancelledAt = nil
      return false
    }
    cancelledAt = cancelledAt ?? .now
    return true
  }

  /// What it means that no answer has come.
  private var silence: TokenFailure {
    cancelledAt == nil ? .noAnswer(place: transport.place) : .abandoned(place: transport.place)
  }

  private func noteTouch() {
    guard !lastWaitedForTouch else { return }
    lastWaitedForTouch = true
    touchIsAwaited?(true)
  }

  /// What an ERROR message means; `nil` when it is worth asking again.
  private func refuse(_ error: FramingError) throws(TokenFailure) -> [UInt8]? {
    switch error {
    case .channelBusy:
      isOutOfStep = false
      return nil
    case .invalidChannel:
      // It lost its power, or gave the channel's place to another program. Nothing was done.
      channel = .broadcast
      throw .restarted(place: transport.place)
    case .invalidCommand:
      isOutOfStep = false
      throw .notAToken(place: transport.place)
    case .invalidParameter, .invalidLength, .invalidSequence, .messageTimeout, .lockRequired,
      .other:
      isOutOfStep = false
      throw .garbled(error)
    }
  }

  /// Waits until a busy token may be asked again.
  private func rest(before deadline: Deadline, atMost end: Deadline) throws(TokenFailure) {
    repeat {
      if hasBeenCancelled() { throw .cancelled }
      if end.hasPassed { throw .busy(place: transport.place) }
      // What comes meanwhile is nobody's answer.
      _ = try read(before: min(deadline, end))
    } while !deadline.hasPassed
  }
}

// MARK: - Channels

extension FramingSession {
  /// Gets a channel, or takes up the one there is afresh: the token drops what it was doing on it,
  /// and what it had sent before is skipped here.
  private func synchronize() throws(TokenFailure) {
    isOutOfStep = true
    generation += 1
    let end = Deadline(in: patience.busy)
    var pause = Patience.firstPause
    while true {
      let nonce = try sendGreeting()
      if try awaitGreeting(nonce: nonce, before: Deadline(in: patience.answer)) { break }
      try rest(before: Deadline(in: pause), atMost: end)
      pause = min(pause * 2, Patience.lastPause)
    }
    isOutOfStep = false
  }

  /// Has the token forget what it knows of this channel: INIT on it. Whatever goes wrong, this ends
  /// soon, because somebody wants to leave.
  private func resign() {
    guard holdsAuthority, channel != .broadcast else { return }
    holdsAuthority = false
    var end = Deadline(in: patience.farewell)
    if let cancelledAt { end = min(end, cancelledAt + patience.tidying) }
    isCancelled = nil
    do throws(TokenFailure) {
      // Said once in any case, though nobody may have the time to listen.
      repeat {
        let nonce = try sendGreeting()
        // A channel that the token has forgotten has nothing left to its name.
        if try awaitGreeting(nonce: nonce, before: end) || channel == .broadcast { return }
        try rest(before: Deadline(in: Patience.firstPause), atMost: end)
      } while !end.hasPassed
    } catch {
      // The token is gone, or too busy to be told; its own time limits end what is left.
    }
  }

  /// Sends INIT on the channel.
  ///
  /// - Returns: the nonce that its answer begins with.
  private func sendGreeting() throws(TokenFailure) -> UInt64 {
    let nonce = UInt64.random(in: .min ... .max)  // The system's generator: getrandom(2).
    var request = InlineArray<8, UInt8>(repeating: 0)
    for index in 0..<8 { request[index] = Self.byte(index, of: nonce) }
    try send(.initialize, request.span, on: channel)
    return nonce
  }

  /// Whether the token answered to this INIT; `false` when it was busy, or has forgotten the
  /// channel and is to be asked for another. Answers to other programs' INITs are passed over.
  private func awaitGreeting(
    nonce: UInt64, before deadline: Deadline
  ) throws(TokenFailure) -> Bool {
    var end = deadline
    let isTidying = hasBeenCancelled()
    var isRefused = false
    while !end.hasPassed {
      if let limit = limit(isTidying: isTidying) { end = min(end, limit) }
      guard let report = try read(before: end) else { continue }
      let packet = Packet(parsing: report)
      guard packet.channel == channel, case .initialization(let command, let length) = packet.header
      else { continue }
      var payload: [UInt8] = []
      packet.appendPayload(to: &payload, total: length)
      switch FramingCommand(rawValue: command) {
      case .initialize where Self.begins(payload, with: nonce):
        try greet(payload, length: length)
        return true
      case .error where payload.first == FramingError.channelBusy.rawValue:
        return false
      case .error where payload.first == FramingError.invalidChannel.rawValue:
        guard channel != .broadcast else { continue }
        channel = .broadcast
        return false
      case .error where payload.first == FramingError.other.rawValue:
        // It may be for another program: the answer may still come.
        isRefused = true
      default: continue
      }
    }
    // Without randomness a token has no channel to give.
    throw isRefused ? .entropyFailed : silence
  }

  /// INIT's response: nonce 8, channel 4, protocol version 1, device version 3, capabilities 1.
  private func greet(_ payload: [UInt8], length: Int) throws(TokenFailure) {
    guard length == Self.greetingSize else {
      throw .nonsense("it introduces itself in \(length) bytes")
    }
    let number = payload[8..<12].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let granted = ChannelID(rawValue: number)
    guard granted != .broadcast, granted != .reserved,
      channel == .broadcast || granted == channel
    else { throw .nonsense("it hands out a channel that there cannot be") }
    guard payload[12] == FramingLimits.protocolVersion else {
      throw .nonsense("it speaks version \(payload[12]) of the protocol")
    }
    channel = granted
    deviceVersion = DeviceVersion(major: payload[13], minor: payload[14], build: payload[15])
    capabilities = Capabilities(rawValue: payload[16])
  }

  private static let greetingSize = 17

  private static func begins(_ payload: [UInt8], with nonce: UInt64) -> Bool {
    payload.count >= 8 && (0..<8).allSatisfy { payload[$0] == byte($0, of: nonce) }
  }

  private static func byte(_ index: Int, of number: UInt64) -> UInt8 {
    UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * index))
  }
}

// MARK: - Reports

extension FramingSession {
  private func send(
    _ command: FramingCommand, _ payload: Span<UInt8>, on channel: ChannelID
  ) throws(TokenFailure) {
    let isTidying = hasBeenCancelled()
    // No closure that keeps a reference: a session says farewell while it is being released, too.
    func isGivenUp() -> Bool { limit(isTidying: isTidying)?.hasPassed == true }
    for index in 0..<Packet.count(forLength: payload.count) {
      var report = Packet.report(index, channel: channel, command: command, payload: payload)
      defer { wipe(&report.bytes) }
      do {
        try transport.write(report, unless: isGivenUp)
      } catch {
        throw isGivenUp() ? silence : .transport(error)
      }
    }
  }

  /// The next report; `nil` at the deadline, or earlier when it is time to look at `isCancelled`.
  private func read(before deadline: Deadline) throws(TokenFailure) -> Report? {
    let slice = isCancelled == nil ? deadline : deadline.atMost(patience.cancellationInterval)
    do {
      return try transport.read(before: slice)
    } catch {
      throw .transport(error)
    }
  }
}

/// The version of a token's firmware.
public struct DeviceVersion: Hashable, Sendable, CustomStringConvertible {
  public let major: UInt8
  public let minor: UInt8
  public let build: UInt8

  public var description: String { "\(major).\(minor).\(build)" }
}
