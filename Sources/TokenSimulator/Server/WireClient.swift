import TokenCore

/// A program at the wire, and the channels that the token gave it.
///
/// A proof belongs to the client that gave it, so the server has to know whose channel is whose when
/// a connection ends.
final class WireClient {
  let connection: Connection
  /// In the order in which they were given.
  private(set) var channels: [ChannelID] = []
  /// The nonce of the INIT that the token is to answer next.
  private var nonce: ArraySlice<UInt8>?

  /// More than a token has at once.
  private static let channelLimit = 64
  private static let headerSize = 7
  private static let nonceSize = 8

  init(_ connection: Connection) {
    self.connection = connection
  }

  /// Remembers what this program asks for.
  func note(request: Report) {
    nonce = Self.isAllocation(request) ? Self.nonce(in: request) : nil
  }

  /// Looks at a report of the token for the channel that this program asked for.
  func note(answer: Report) {
    guard let nonce, Self.isAllocation(answer), Self.nonce(in: answer) == nonce else { return }
    self.nonce = nil
    let start = Self.headerSize + Self.nonceSize
    let channel = (start..<start + 4).reduce(UInt32(0)) { $0 << 8 | UInt32(answer.bytes[$1]) }
    channels.append(ChannelID(rawValue: channel))
  }

  /// The oldest channel, if there are more than the token can have.
  func takeExcess() -> ChannelID? {
    channels.count > Self.channelLimit ? channels.removeFirst() : nil
  }

  /// Whether it is INIT on the broadcast channel, or the answer to that.
  private static func isAllocation(_ report: Report) -> Bool {
    (0..<4).allSatisfy { report.bytes[$0] == 0xFF }
      && report.bytes[4] == 0x80 | FramingCommand.initialize.rawValue
  }

  private static func nonce(in report: Report) -> ArraySlice<UInt8> {
    report.array[headerSize..<headerSize + nonceSize]
  }
}

extension Report {
  /// INIT on a channel, which ends all that the token knows of it.
  static func resynchronization(of channel: ChannelID) -> Report {
    let number = (0..<4).map { UInt8(truncatingIfNeeded: channel.rawValue >> UInt32(24 - 8 * $0)) }
    let start = number + [0x80 | FramingCommand.initialize.rawValue, 0, 8]
    return Report((start + [UInt8](repeating: 0, count: Report.size - start.count))[...])
  }
}
