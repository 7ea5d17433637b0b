import TokenClient
import TokenCore

// Whole messages, and what may come in place of one.
extension Wire {
  /// The next packet, which has to come in time.
  func expectFrame(
    _ expected: @autoclosure () -> String, within length: Duration? = nil
  ) throws(CheckEnd) -> Frame {
    let length = length ?? patience
    guard let frame = try next(before: Deadline(in: length)) else {
      throw deviation(expected: expected(), received: "nothing within \(length)")
    }
    return frame
  }

  /// The whole of the message that answers `command`, its packets in order and padded with zeros.
  ///
  /// - Parameter waits: whether the token may ask for its button before.
  func message(
    _ command: FramingCommand, on channel: ChannelID, waits: Bool = false
  ) throws(CheckEnd) -> [UInt8] {
    let expected = "\(FramingCommand.words(command.rawValue)) on \(channel.words)"
    while true {
      let frame = try expectFrame(expected)
      guard frame.channel == channel, case .initialization(let found, let length) = frame.header
      else { throw deviation(expected: expected, received: "\(frame)") }
      if command == .applet, found == FramingCommand.keepAlive.rawValue, length == 1,
        frame.payload[0] == KeepAliveStatus.processing.rawValue || waits
      {
        continue
      }
      guard found == command.rawValue, length <= FramingLimits.messageSize else {
        throw deviation(expected: expected, received: "\(frame)")
      }
      return try rest(of: frame, length: length, on: channel, expected)
    }
  }

  private func rest(
    of first: Frame, length: Int, on channel: ChannelID, _ expected: String
  ) throws(CheckEnd) -> [UInt8] {
    var payload = try taken(first, upTo: length)
    var sequence: UInt8 = 0
    while payload.count < length {
      let expected = "sequence \(sequence) of \(expected), \(length) bytes"
      let frame = try expectFrame(expected)
      guard frame.channel == channel, frame.header == .continuation(sequence: sequence) else {
        throw deviation(expected: expected, received: "\(frame)")
      }
      payload += try taken(frame, upTo: length - payload.count)
      sequence += 1  // At most 128 continuations make 7,609 bytes.
    }
    return payload
  }

  private func taken(_ frame: Frame, upTo length: Int) throws(CheckEnd) -> [UInt8] {
    let padding = frame.payload.dropFirst(length)
    try require(
      padding.allSatisfy { $0 == 0 }, "zeros behind the message's last byte",
      "other bytes: \(hexadecimal(padding))")
    return Array(frame.payload.prefix(length))
  }

  /// Sends a request, and takes its answer.
  @discardableResult
  func exchange(
    _ command: FramingCommand, _ payload: [UInt8] = [], on channel: ChannelID
  ) throws(CheckEnd) -> [UInt8] {
    try send(command, payload, on: channel)
    return try message(command, on: channel)
  }

  func expectError(
    _ error: FramingError, on channel: ChannelID, within length: Duration? = nil
  ) throws(CheckEnd) {
    let wanted = Frame(
      on: channel, FramingCommand.error.rawValue, length: 1, [error.rawValue])
    let frame = try expectFrame("\(wanted)", within: length)
    try require(
      frame.channel == channel && frame.header == wanted.header
        && frame.payload[0] == error.rawValue,
      "\(wanted)", "\(frame)")
    _ = try taken(frame, upTo: 1)
  }

  /// Requires that nothing comes: neither in the next moments, nor before the answer to an INIT
  /// that is sent then, nor with it.
  func expectNothing(for length: Duration = .milliseconds(20)) throws(CheckEnd) {
    let asked = lastSent
    if let frame = try next(before: Deadline(in: length)) {
      throw deviation(expected: "no answer", received: "\(frame)")
    }
    let nonce = randomBytes(8)
    try send(.initialize, nonce, on: .broadcast)
    note(asked)
    let frame = try expectFrame("no answer, and one to an INIT after it")
    try require(
      frame.isGreeting(to: nonce, on: .broadcast),
      "no answer, and one to an INIT after it", "\(frame)")
    try expectNoMore()
  }

  /// Requires that the token has sent nothing beyond what was taken.
  func expectNoMore() throws(CheckEnd) {
    if let frame = try next(before: .now) {
      throw deviation(expected: "nothing more", received: "\(frame)")
    }
  }

  /// Requires that the channel works: a PING comes back.
  func expectEcho(on channel: ChannelID, _ payload: [UInt8] = randomBytes(8)) throws(CheckEnd) {
    let echo = try exchange(.ping, payload, on: channel)
    try require(
      echo == payload, "the same \(payload.count) bytes",
      "\(echo.count) bytes: \(hexadecimal(echo, limit: 20))")
  }

  /// Whether the token knows the channel: a PING comes back, or is invalidChannel.
  func isAllocated(_ channel: ChannelID) throws(CheckEnd) -> Bool {
    let payload = randomBytes(4)
    try send(.ping, payload, on: channel)
    let frame = try expectFrame("PING or ERROR invalidChannel on \(channel.words)")
    if frame.isInvalidChannel(on: channel) { return false }
    try require(
      frame.channel == channel && frame.payload.starts(with: payload)
        && frame.header == .initialization(command: FramingCommand.ping.rawValue, length: 4),
      "PING or ERROR invalidChannel on \(channel.words)", "\(frame)")
    return true
  }

  /// Drops what the token has sent so far.
  func drain() throws(CheckEnd) {
    while try next(before: .now) != nil {}
  }
}

// MARK: - INIT

extension Frame {
  /// Whether this is the answer to an INIT with that nonce.
  fileprivate func isGreeting(to nonce: [UInt8], on channel: ChannelID) -> Bool {
    self.channel == channel && payload.starts(with: nonce)
      && header == .initialization(command: FramingCommand.initialize.rawValue, length: 17)
  }
}

extension Frame {
  fileprivate func isInvalidChannel(on channel: ChannelID) -> Bool {
    self.channel == channel && payload[0] == FramingError.invalidChannel.rawValue
      && header == .initialization(command: FramingCommand.error.rawValue, length: 1)
  }
}

/// What a token says of itself in its INIT response.
struct Greeting {
  let channel: ChannelID
  let protocolVersion: UInt8
  let deviceVersion: [UInt8]
  let capabilities: Capabilities
}

extension Wire {
  /// INIT with a fresh nonce.
  func greeting(on channel: ChannelID) throws(CheckEnd) -> Greeting {
    let nonce = randomBytes(8)
    let answer = try exchange(.initialize, nonce, on: channel)
    try require(answer.count == 17, "17 bytes", "\(answer.count) bytes")
    try require(
      answer.starts(with: nonce), "the nonce \(hexadecimal(nonce))", hexadecimal(answer.prefix(8)))
    return Greeting(
      channel: ChannelID(rawValue: UInt32(number(answer[8..<12]))), protocolVersion: answer[12],
      deviceVersion: Array(answer[13..<16]), capabilities: Capabilities(rawValue: answer[16]))
  }

  /// A channel of this run's own.
  func allocate() throws(CheckEnd) -> ChannelID {
    let channel = try greeting(on: .broadcast).channel
    try require(
      channel != .broadcast && channel != .reserved, "a channel between 1 and FFFFFFFE",
      hexadecimal(channel.rawValue))
    watch(channel)
    return channel
  }

  /// Has the token drop whatever it does on `channel`.
  func resynchronize(_ channel: ChannelID) throws(CheckEnd) {
    let greeting = try greeting(on: channel)
    try require(
      greeting.channel == channel, "\(channel.words) again", "\(greeting.channel.words)")
  }

  /// The same after something went wrong: what the token had still to say comes first, and is
  /// dropped.
  ///
  /// - Returns: `false` when the token has given the channel up for another.
  func recover(_ channel: ChannelID) throws(CheckEnd) -> Bool {
    let nonce = randomBytes(8)
    try send(.initialize, nonce, on: channel)
    let end = Deadline(in: patience)
    while let frame = try next(before: end) {
      if frame.isGreeting(to: nonce, on: channel) { return true }
      if frame.isInvalidChannel(on: channel) { return false }
    }
    throw deviation(expected: "INIT on \(channel.words)", received: "nothing within \(patience)")
  }
}
