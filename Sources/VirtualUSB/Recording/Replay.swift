import TokenCore
import TokenSimulator

extension USBRecording {
  /// What passes when a recording is played to a token.
  public enum Step: Sendable {
    case sent(Report)
    case received(Report)
  }

  /// Sends a token what its host sent then, and gives out what it answers now. Nothing is compared:
  /// another token has other secrets, and another time.
  ///
  /// It gives out other channels too, since their numbers are random: each of the recording's becomes
  /// the last one that the token gave out and that none of the recording's is yet.
  ///
  /// Between two reports as much time passes for the token as passed in the recording, and for
  /// nobody else. After the last one it is given `patience` to answer.
  public func replay(
    on token: inout LiveToken, patience: Microseconds = Microseconds(1_000_000),
    _ step: (Step) -> Void
  ) throws(ImageFailure) {
    var last = sent.first?.time
    var channels = ReplayedChannels()
    func tell(_ passed: Step) {
      if case .received(let report) = passed { channels.note(report) }
      step(passed)
    }
    for entry in sent {
      if let last, entry.time > last {
        try Self.pass(entry.time - last, token: &token, tell)
      }
      last = entry.time
      let report = channels.translated(entry.report)
      tell(.sent(report))
      token.receive(report)
      try Self.fetch(from: &token, tell)
    }
    try Self.pass(patience, token: &token, tell)
  }

  /// The longest look away from a token that waits, and the longest time that passes for one that
  /// does not: a recording may span days, or lie.
  private static let slice = Microseconds(20_000)
  private static let longestWait = Microseconds(60_000_000)

  private static func pass(
    _ time: Microseconds, token: inout LiveToken, _ step: (Step) -> Void
  ) throws(ImageFailure) {
    var left = time
    let end = max(time - longestWait, .zero)
    while left > end, token.isWaiting {
      let part = min(left, slice)
      token.advance(by: TrueTicks(part))
      left = left - part
      token.poll()
      try fetch(from: &token, step)
    }
    token.advance(by: TrueTicks(min(left, ControlRequest.longestWarp)))
    token.poll()
    try fetch(from: &token, step)
  }

  private static func fetch(
    from token: inout LiveToken, _ step: (Step) -> Void
  ) throws(ImageFailure) {
    while let report = try token.nextReport() { step(.received(report)) }
  }
}

/// Which channel of the token's stands for which of the recording's.
private struct ReplayedChannels {
  private var known: [ChannelID: ChannelID] = [:]
  /// Given out, and nobody's yet.
  private var free: [ChannelID] = []

  /// Takes a channel out of an answer to INIT on the broadcast channel.
  mutating func note(_ report: Report) {
    let isAnswer = report.bytes[4] == 0x80 | FramingCommand.initialize.rawValue
    guard isAnswer, Self.channel(in: report, at: 0) == .broadcast else { return }
    free.append(Self.channel(in: report, at: 15))
  }

  mutating func translated(_ report: Report) -> Report {
    let recorded = Self.channel(in: report, at: 0)
    guard recorded != .broadcast, recorded != .reserved else { return report }
    guard let channel = known[recorded] ?? free.popLast() else { return report }
    known[recorded] = channel
    var report = report
    for index in 0..<4 {
      report.bytes[index] = UInt8(truncatingIfNeeded: channel.rawValue >> UInt32(24 - 8 * index))
    }
    return report
  }

  private static func channel(in report: Report, at start: Int) -> ChannelID {
    ChannelID(rawValue: (0..<4).reduce(0) { $0 << 8 | UInt32(report.bytes[start + $1]) })
  }
}
