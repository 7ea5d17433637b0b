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
  /// Between two reports as much time passes for the token as passed in the recording, and for
  /// nobody else. After the last one it is given `patience` to answer.
  public func replay(
    on token: inout LiveToken, patience: Microseconds = Microseconds(1_000_000),
    _ step: (Step) -> Void
  ) throws(ImageFailure) {
    var last = sent.first?.time
    for entry in sent {
      if let last, entry.time > last {
        try Self.pass(entry.time - last, token: &token, step)
      }
      last = entry.time
      step(.sent(entry.report))
      token.receive(entry.report)
      try Self.fetch(from: &token, step)
    }
    try Self.pass(patience, token: &token, step)
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
