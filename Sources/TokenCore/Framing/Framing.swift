/// The token's side of CTAPHID: takes reports apart into messages and puts messages into reports.
///
/// One transaction at a time. The rules, in their order, are in Docs/protocol.md, section 2; each
/// has its number beside the line that keeps it.
struct Framing: ~Copyable {
  /// What a report led to.
  enum Event {
    case nothing
    /// `message` holds a request of `command` on `channel`; it wants `respond` or `refuse`.
    case request
    /// The host cancels the command that waits.
    case cancel
    /// INIT on a channel: whatever the applet knows of that channel ends, and if it was the active
    /// one, its command is abandoned without an answer.
    case resync(ChannelID)
    /// INIT of a host that has no channel; it wants `grant` or `refuseChannel`.
    case newChannel(nonce: InlineArray<8, UInt8>)
  }

  enum Phase: UInt8 {
    case idle
    /// A request's packets are still coming.
    case receiving
    /// The request is whole; its command is at work or waits for the button.
    case working
    /// The response is being fetched.
    case sending
  }

  /// The request, then the response.
  var message = MessageBuffer()
  private(set) var phase = Phase.idle
  /// The channel of the transaction, while there is one.
  private(set) var channel = ChannelID.reserved
  /// The command of the transaction, while there is one.
  private(set) var command = FramingCommand.ping

  private var expectedLength = 0
  private var sentLength = 0
  private var nextSequence: UInt8 = 0
  private var deadline = Ticks(0)
  private(set) var channels = ChannelTable()
  private(set) var lockHolder = ChannelID.reserved
  private var lockEnd = Ticks(0)
  private var outbox = Outbox()
  private let timeout: UInt64

  init(rate: TickRate) {
    timeout = rate.ticks(inMilliseconds: FramingLimits.transactionTimeoutMilliseconds)
  }

  mutating func receive(_ report: Report, at now: Ticks) -> Event {
    expire(at: now)
    switch Packet(parsing: report) {
    case .initialization(let channel, let command, let length):
      return begin(report, channel: channel, command: command, length: length, at: now)
    case .continuation(let channel, let sequence):
      return resume(report, channel: channel, sequence: sequence, at: now)
    }
  }

  /// Ends what has waited too long (rules 5 and 8).
  mutating func expire(at now: Ticks) {
    if lockHolder != .reserved, now >= lockEnd { lockHolder = .reserved }
    guard now >= deadline else { return }
    switch phase {
    case .receiving: refuse(.messageTimeout)
    case .sending: finish()
    case .idle, .working: break
    }
  }

  /// Whether a time-out runs.
  var isWaiting: Bool {
    phase == .receiving || phase == .sending || lockHolder != .reserved
  }

  /// Sends `message` as the response to the request.
  mutating func respond(at now: Ticks) {
    phase = .sending
    sentLength = 0
    nextSequence = 0
    deadline = now.advanced(by: timeout)
  }

  /// Ends the transaction with an error.
  mutating func refuse(_ error: FramingError) {
    sendError(error, to: channel)
    finish()
  }

  /// Ends the transaction without an answer.
  mutating func finish() {
    message.wipeContents()
    phase = .idle
    channel = .reserved
  }

  /// Nobody is on the bus any more: no channel holds LOCK, and no report waits to be fetched.
  mutating func forgetBus() {
    lockHolder = .reserved
    outbox.removeAll()
  }

  mutating func keepAlive(_ status: KeepAliveStatus) {
    var report = Report(channel: channel, command: .keepAlive, length: 1)
    report.bytes[Packet.initializationHeader] = status.rawValue
    outbox.append(report)
  }

  /// The LOCK command of the active channel; `seconds` of 0 releases.
  mutating func lock(forSeconds seconds: UInt8, rate: TickRate, at now: Ticks) {
    lockHolder = seconds == 0 ? .reserved : channel
    lockEnd = now.advanced(by: rate.ticks(inMilliseconds: UInt32(seconds) * 1000))
  }

  mutating func nextReport(at now: Ticks) -> Report? {
    if let report = outbox.removeFirst() { return report }
    guard phase == .sending, channel != .card else { return nil }
    deadline = now.advanced(by: timeout)
    return nextPacket()
  }
}

// MARK: - The other door

extension Framing {
  /// Begins a transaction of the card's, whose command goes into `message`; channels are told busy
  /// until it ends.
  ///
  /// - Returns: `false` when a channel's transaction goes on, or a channel holds the LOCK (rule 5).
  mutating func claimForCard(at now: Ticks) -> Bool {
    expire(at: now)
    guard phase == .idle || channel == .card, lockHolder == .reserved else { return false }
    message.wipeContents()
    phase = .working
    channel = .card
    return true
  }

  /// Gives the card more time to fetch its response.
  mutating func extendCardResponse(at now: Ticks) {
    deadline = now.advanced(by: timeout)
  }
}

// MARK: - Receiving

extension Framing {
  private mutating func begin(
    _ report: Report, channel: ChannelID, command: UInt8, length: Int, at now: Ticks
  ) -> Event {
    if command == FramingCommand.initialize.rawValue, channel != .reserved {
      return initialize(report, channel: channel, length: length)
    }
    // Rules 1 and 3.
    guard channels.contains(channel) else { return answer(.invalidChannel, to: channel) }
    channels.use(channel)
    if lockHolder != .reserved, lockHolder != channel {
      return answer(.channelBusy, to: channel)  // rule 5
    }
    if phase != .idle, channel != self.channel {
      return answer(.channelBusy, to: channel)  // rule 4
    }
    let isCancel = command == FramingCommand.cancel.rawValue
    switch phase {
    case .receiving where !isCancel:  // rule 6
      refuse(.invalidSequence)
      return .nothing
    case .working where !isCancel:  // rule 9
      return answer(.channelBusy, to: channel)
    case .sending where !isCancel:
      finish()  // Rule 10: the host has turned to something else.
    default: break
    }
    if isCancel { return cancel(length: length, on: channel) }

    guard length <= FramingLimits.messageSize else { return answer(.invalidLength, to: channel) }
    guard let known = FramingCommand(rawValue: command), Self.isRequest(known) else {
      return answer(.invalidCommand, to: channel)
    }
    message.removeAll()
    self.channel = channel
    self.command = known
    expectedLength = length
    nextSequence = 0
    return take(report, from: Packet.initializationHeader, at: now)
  }

  private mutating func resume(
    _ report: Report, channel: ChannelID, sequence: UInt8, at now: Ticks
  ) -> Event {
    guard channels.contains(channel) else { return answer(.invalidChannel, to: channel) }
    guard phase == .receiving, channel == self.channel else { return .nothing }
    guard sequence == nextSequence else {
      refuse(.invalidSequence)
      return .nothing
    }
    nextSequence += 1
    return take(report, from: Packet.continuationHeader, at: now)
  }

  /// Takes a packet's payload, as far as the message still misses it.
  private mutating func take(_ report: Report, from offset: Int, at now: Ticks) -> Event {
    let end = min(Report.size, offset + expectedLength - message.count)
    for index in offset..<end { message.append(report.bytes[index]) }
    if message.count == expectedLength {
      phase = .working
      return .request
    }
    phase = .receiving
    deadline = now.advanced(by: timeout)
    return .nothing
  }

  private static func isRequest(_ command: FramingCommand) -> Bool {
    switch command {
    case .ping, .lock, .wink, .applet: true
    case .initialize, .cancel, .keepAlive, .error: false
    }
  }

  private mutating func cancel(length: Int, on channel: ChannelID) -> Event {
    guard length == 0 else { return answer(.invalidLength, to: channel) }
    switch phase {
    case .receiving:
      finish()
      return .nothing
    case .working: return .cancel
    case .idle, .sending: return .nothing
    }
  }
}

// MARK: - Channels

extension Framing {
  /// Rule 2.
  private mutating func initialize(_ report: Report, channel: ChannelID, length: Int) -> Event {
    guard channel == .broadcast || channels.contains(channel) else {
      return answer(.invalidChannel, to: channel)
    }
    guard length == 8 else { return answer(.invalidLength, to: channel) }
    var nonce = InlineArray<8, UInt8>(repeating: 0)
    for index in 0..<8 { nonce[index] = report.bytes[Packet.initializationHeader + index] }
    if channel == .broadcast { return .newChannel(nonce: nonce) }
    channels.use(channel)
    answerInitialize(nonce, on: channel, granted: channel)
    if channel == self.channel { finish() }
    if channel == lockHolder { lockHolder = .reserved }
    return .resync(channel)
  }

  /// Gives the host that sent `nonce` a channel.
  ///
  /// - Parameters:
  ///   - granted: its number, which no other channel has.
  ///   - place: where in `channels` it is to be; the channel there ends.
  mutating func grant(
    _ granted: ChannelID, to nonce: InlineArray<8, UInt8>, in place: Int
  ) {
    channels.put(granted, in: place)
    answerInitialize(nonce, on: .broadcast, granted: granted)
  }

  /// There is no channel to be had for the host that asked for one.
  mutating func refuseChannel() {
    sendError(.other, to: .broadcast)
  }

  private mutating func answerInitialize(
    _ nonce: InlineArray<8, UInt8>, on channel: ChannelID, granted: ChannelID
  ) {
    var response = Report(channel: channel, command: .initialize, length: 17)
    let start = Packet.initializationHeader
    for index in 0..<8 { response.bytes[start + index] = nonce[index] }
    for index in 0..<4 {
      response.bytes[start + 8 + index] = UInt8(
        truncatingIfNeeded: granted.rawValue >> UInt32(24 - 8 * index))
    }
    response.bytes[start + 12] = FramingLimits.protocolVersion
    for index in 0..<3 { response.bytes[start + 13 + index] = FramingLimits.deviceVersion[index] }
    response.bytes[start + 16] = Capabilities([.wink, .noMessage]).rawValue
    outbox.append(response)
  }
}

// MARK: - Sending

extension Framing {
  private mutating func answer(_ error: FramingError, to channel: ChannelID) -> Event {
    sendError(error, to: channel)
    return .nothing
  }

  private mutating func sendError(_ error: FramingError, to channel: ChannelID) {
    var report = Report(channel: channel, command: .error, length: 1)
    report.bytes[Packet.initializationHeader] = error.rawValue
    outbox.append(report)
  }

  private mutating func nextPacket() -> Report {
    var report: Report
    let offset: Int
    if sentLength == 0 {
      report = Report(channel: channel, command: command, length: message.count)
      offset = Packet.initializationHeader
    } else {
      report = Report(channel: channel, sequence: nextSequence)
      offset = Packet.continuationHeader
      nextSequence += 1
    }
    let length = min(Report.size - offset, message.count - sentLength)
    for index in 0..<length { report.bytes[offset + index] = message.bytes[sentLength + index] }
    sentLength += length
    if sentLength == message.count { finish() }
    return report
  }
}
