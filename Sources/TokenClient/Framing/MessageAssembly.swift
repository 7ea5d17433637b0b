import OATH
import TokenCore

/// Puts one answer together from the reports that come in, among which may be those of other
/// programs' channels and the rest of what this one has given up on.
struct MessageAssembly {
  /// What a report meant for the message.
  enum Progress: Equatable {
    /// Not for this message: another channel's, or an old one.
    case ignored
    /// More packets are to come.
    case partial
    /// `payload` is the whole message.
    case complete
    /// The token is alive and at work on the command.
    case keepAlive(KeepAliveStatus)
    /// The token answers with an ERROR message.
    case refused(FramingError)
  }

  let channel: ChannelID
  let command: FramingCommand
  /// What has come so far. Its storage never moves, so that one wipe reaches all of it.
  private(set) var payload: [UInt8] = []
  /// The message's length, once its first packet came.
  private var length: Int?
  private var nextSequence: UInt8 = 0

  init(channel: ChannelID, command: FramingCommand) {
    self.channel = channel
    self.command = command
  }

  /// Takes one report. Throws when the token breaks the framing's rules, `nonsense`.
  mutating func take(_ report: Report) throws(TokenFailure) -> Progress {
    let packet = Packet(parsing: report)
    guard packet.channel == channel else { return .ignored }
    switch packet.header {
    case .initialization(let command, let length):
      return try begin(packet, command: command, length: length)
    case .continuation(let sequence):
      return try resume(packet, sequence: sequence)
    }
  }

  /// Hands the message out, without a copy staying behind.
  mutating func takePayload() -> [UInt8] {
    let message = payload
    payload = []
    return message
  }

  /// Overwrites what has come so far.
  mutating func wipePayload() {
    wipe(&payload)
    payload.removeAll()
  }

  // MARK: Steps

  private mutating func begin(
    _ packet: Packet, command: UInt8, length: Int
  ) throws(TokenFailure) -> Progress {
    guard self.length == nil else {
      throw .nonsense("it begins a second answer before it has ended the first")
    }
    switch FramingCommand(rawValue: command) {
    case .keepAlive:
      return .keepAlive(KeepAliveStatus(rawValue: try onlyByte(packet, length)) ?? .processing)
    case .error:
      return .refused(FramingError(rawValue: try onlyByte(packet, length)) ?? .other)
    case self.command:
      guard length <= FramingLimits.messageSize else {
        throw .nonsense("it announces \(length) bytes, more than any message has")
      }
      self.length = length
      payload.reserveCapacity(length)
      packet.appendPayload(to: &payload, total: length)
      return payload.count == length ? .complete : .partial
    case nil, .some:
      return .ignored
    }
  }

  private mutating func resume(
    _ packet: Packet, sequence: UInt8
  ) throws(TokenFailure) -> Progress {
    guard let length, payload.count < length else { return .ignored }
    guard sequence == nextSequence else {
      throw .nonsense("the parts of its answer come out of order")
    }
    nextSequence += 1  // Below 0x80: a message of 7,609 bytes is whole after number 0x7F.
    packet.appendPayload(to: &payload, total: length)
    return payload.count == length ? .complete : .partial
  }

  private func onlyByte(_ packet: Packet, _ length: Int) throws(TokenFailure) -> UInt8 {
    var bytes: [UInt8] = []
    guard length == 1 else {
      throw .nonsense("a message of one byte is \(length) bytes long")
    }
    packet.appendPayload(to: &bytes, total: 1)
    return bytes[0]
  }
}
