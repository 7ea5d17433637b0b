import TokenCore

/// A report as a packet of the framing (Docs/protocol.md, section 2), right or wrong: a check has
/// to be able to send what no honest host would.
///
/// Made here a second time, and not taken from the client or the token, so that a mistake they
/// share is found.
struct Frame {
  enum Header: Equatable {
    case initialization(command: UInt8, length: Int)
    case continuation(sequence: UInt8)
  }

  private(set) var report = Report()

  init(_ report: Report) {
    self.report = report
  }

  /// The first packet of a message that claims `length` bytes.
  init(on channel: ChannelID, _ command: UInt8, length: Int, _ payload: ArraySlice<UInt8> = []) {
    self.init(on: channel, 0x80 | command)
    report.bytes[5] = UInt8(truncatingIfNeeded: length >> 8)
    report.bytes[6] = UInt8(truncatingIfNeeded: length)
    fill(from: 7, payload)
  }

  init(on channel: ChannelID, sequence: UInt8, _ payload: ArraySlice<UInt8> = []) {
    self.init(on: channel, sequence)
    fill(from: 5, payload)
  }

  private init(on channel: ChannelID, _ mark: UInt8) {
    for (index, byte) in bigEndian(channel.rawValue).enumerated() { report.bytes[index] = byte }
    report.bytes[4] = mark
  }

  private mutating func fill(from start: Int, _ payload: ArraySlice<UInt8>) {
    for (index, byte) in payload.prefix(Report.size - start).enumerated() {
      report.bytes[start + index] = byte
    }
  }

  /// The packets of a message of at most 7,609 bytes.
  static func message(
    _ command: FramingCommand, _ payload: [UInt8], on channel: ChannelID
  ) -> [Frame] {
    var frames = [Frame(on: channel, command.rawValue, length: payload.count, payload[...])]
    var rest = payload.dropFirst(FramingLimits.initializationPayload)
    while !rest.isEmpty {
      frames.append(Frame(on: channel, sequence: UInt8(frames.count - 1), rest))
      rest = rest.dropFirst(FramingLimits.continuationPayload)
    }
    return frames
  }

  /// This packet with everything behind its payload of `length` bytes set to `byte`.
  func padded(after length: Int, with byte: UInt8) -> Frame {
    var copy = self
    for index in payloadStart + length..<Report.size { copy.report.bytes[index] = byte }
    return copy
  }

  // MARK: Reading

  var channel: ChannelID { ChannelID(rawValue: UInt32(number((0..<4).map { report.bytes[$0] }))) }

  var header: Header {
    let mark = report.bytes[4]
    guard mark & 0x80 != 0 else { return .continuation(sequence: mark) }
    return .initialization(
      command: mark & 0x7F, length: Int(report.bytes[5]) << 8 | Int(report.bytes[6]))
  }

  private var payloadStart: Int {
    if case .initialization = header { 7 } else { 5 }
  }

  /// All that has room behind the header.
  var payload: [UInt8] { (payloadStart..<Report.size).map { report.bytes[$0] } }
}

extension Frame: CustomStringConvertible {
  var description: String {
    let place = "on \(channel.words)"
    switch header {
    case .continuation(let sequence):
      return "a continuation with sequence \(sequence) \(place)"
    case .initialization(FramingCommand.error.rawValue, 1):
      return "ERROR \(FramingError.words(payload[0])) \(place)"
    case .initialization(FramingCommand.keepAlive.rawValue, 1):
      return "KEEPALIVE \(payload[0]) \(place)"
    case .initialization(let command, let length):
      return "\(FramingCommand.words(command)) of \(length) bytes \(place): "
        + hexadecimal(payload.prefix(length), limit: 20)
    }
  }
}

extension ChannelID {
  var words: String {
    switch self {
    case .broadcast: "the broadcast channel"
    default: "channel \(rawValue)"
    }
  }
}

extension FramingCommand {
  /// The name of a command by its number, as Docs/protocol.md has it.
  static func words(_ number: UInt8) -> String {
    switch FramingCommand(rawValue: number) {
    case .ping: "PING"
    case .lock: "LOCK"
    case .initialize: "INIT"
    case .wink: "WINK"
    case .cancel: "CANCEL"
    case .applet: "APPLET"
    case .keepAlive: "KEEPALIVE"
    case .error: "ERROR"
    case nil: "command \(hexadecimal(number))"
    }
  }
}

extension FramingError {
  static func words(_ number: UInt8) -> String {
    FramingError(rawValue: number).map { "\($0)" } ?? hexadecimal(number)
  }
}
