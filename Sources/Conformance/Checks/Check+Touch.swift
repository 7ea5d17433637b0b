import TokenClient
import TokenCore

// Docs/protocol.md, section 2, rule 9, and section 5: commands that wait for the button.
extension Check {
  static let touch: [Check] = [
    Check(
      "touch.keepalive", "A command that waits for the button sends KEEPALIVE 2 every 100 ms",
      "2, 5"
    ) { bench throws(CheckEnd) in
      try bench.whileWaiting { _ throws(CheckEnd) in
        var count = 0
        let end = Deadline(in: .milliseconds(1_200))
        while let frame = try bench.wire.next(before: end) {
          try bench.requireKeepAlive(frame)
          count += 1
        }
        // Reports may be late where a computer is busy, but never early: 12, and one at the start.
        try bench.wire.require((3...14).contains(count), "some 12 in 1.2 s", "\(count)")
      }
    },
    Check("touch.cancel", "CANCEL ends the wait for the button with 6400", "2, rule 9") {
      bench throws(CheckEnd) in
      try bench.whileWaiting { _ throws(CheckEnd) in }
    },
    Check(
      "touch.others", "Another channel cannot cancel, and its requests are channelBusy", "2, rule 4"
    ) {
      bench throws(CheckEnd) in
      try bench.whileWaiting { _ throws(CheckEnd) in
        for command: FramingCommand in [.cancel, .ping] {
          try bench.wire.send(command, on: bench.other)
          try bench.expectAmongKeepAlives(.channelBusy, on: bench.other)
        }
      }
      try bench.wire.expectEcho(on: bench.other)
    },
    Check("touch.same", "A request on the channel that waits is channelBusy", "2, rule 9") {
      bench throws(CheckEnd) in
      try bench.whileWaiting { _ throws(CheckEnd) in
        for command: FramingCommand in [.ping, .applet] {
          try bench.wire.send(command, on: bench.main)
          try bench.expectAmongKeepAlives(.channelBusy, on: bench.main)
        }
      }
    },
    Check(
      "touch.init", "INIT on the channel that waits abandons the command without an answer",
      "2, rule 9"
    ) { bench throws(CheckEnd) in
      let sample = try bench.putHOTPWithTouch()
      try bench.leaveButton()
      try bench.beginWaiting(Command(.calculate, p2: 1, sample.calculation()))
      try bench.recoverMain()
      try bench.wire.expectNothing(for: .milliseconds(250))
      try bench.wire.expectEcho(on: bench.main)
      try bench.open(bench.main)
    },
    Check("touch.uncounted", "A code that nobody pressed for was not counted", "5") {
      bench throws(CheckEnd) in
      let sample = try bench.putHOTPWithTouch()
      try bench.leaveButton()
      try bench.beginWaiting(Command(.calculate, p2: 1, sample.calculation()))
      try bench.cancelWaiting()
      // Its next code, by PUT's own account, is that of the same counter.
      try bench.pressButton()
      try bench.requireCode(sample, at: 7, waits: true)
      try bench.requireCode(sample, at: 8, waits: true)
    },
    Check("touch.refused", "A step that is refused is refused before the button is asked for", "5")
    {
      bench throws(CheckEnd) in
      try bench.requireTime()
      var sample = bench.sample("touch")
      sample.properties = .touch
      try bench.put(sample)
      try bench.leaveButton()
      for form in CodeForm.all {
        try bench.refuse(
          Command(.calculate, p2: form.p2, sample.calculation(challenge: bigEndian(UInt64(1)))),
          form.refusal(.stepRefused))
      }
    },
    Check(
      "touch.pressed", "A press lets the command go on, for codes and for recovery codes", "5, 8"
    ) {
      bench throws(CheckEnd) in
      try bench.requireTime()
      var sample = bench.sample("pressed")
      sample.properties = .touch
      try bench.put(sample)
      try bench.perform(bench.storing(["abc", "def"], for: sample))
      try bench.pressButton()
      try bench.requireOwnCode(sample, waits: true)
      try bench.requireTaken("abc", left: 1, of: 2, from: sample, waits: true)
    },
    Check("touch.staged", "A staged secret with touch waits for the button as well", "5, 7") {
      bench throws(CheckEnd) in
      let (old, _) = try bench.putAndStage()
      var new = old
      new.properties = .touch
      try bench.stage(new)
      try bench.leaveButton()
      try bench.beginWaiting(Command(.calculateStaged, p2: 0x81, new.calculation()))
      try bench.cancelWaiting()
      try bench.requireOwnCode(old)
    },
    Check("touch.recovery", "TAKE that nobody pressed for has handed out nothing", "8") {
      bench throws(CheckEnd) in
      var sample = bench.sample("recovery")
      sample.properties = .touch
      try bench.put(sample)
      try bench.perform(bench.storing(["abc"], for: sample))
      try bench.leaveButton()
      try bench.beginWaiting(Command(.takeRecoveryCode, sample.nameField))
      try bench.cancelWaiting()
      try bench.requireRecoveryCodes(left: 1, of: 1, for: sample)
    },
    Check(
      "touch.timeout", "Without a press the command ends after 15 s with 6982", "5", isSlow: true,
      limit: .seconds(40)
    ) { bench throws(CheckEnd) in
      let sample = try bench.putHOTPWithTouch()
      try bench.leaveButton()
      let start = Deadline.now
      let command = Command(.calculate, p2: 1, sample.calculation())
      try bench.refuse(command, .securityStatusNotSatisfied, waits: true)
      let spent = (Deadline.now.nanoseconds - start.nanoseconds) / 1_000_000
      try bench.wire.require((14_700...25_000).contains(spent), "15 s", "\(spent) ms")
    },
  ]
}

extension Bench {
  /// A credential that wants a touch, and needs no clock.
  fileprivate func putHOTPWithTouch() throws(CheckEnd) -> Sample {
    var sample = sample("touch")
    sample.type = .hotp
    sample.counter = 7
    sample.properties = .touch
    try put(sample)
    return sample
  }

  /// Has the token wait for its button, which nobody presses, and cancels that after `work`.
  fileprivate func whileWaiting(
    _ work: (Sample) throws(CheckEnd) -> Void
  ) throws(CheckEnd) {
    let sample = try putHOTPWithTouch()
    try leaveButton()
    try beginWaiting(Command(.calculate, p2: 1, sample.calculation()))
    try work(sample)
    try cancelWaiting()
  }

  /// Sends a command, and requires that the token asks for its button.
  func beginWaiting(_ command: Command) throws(CheckEnd) {
    try send(command, on: main)
    try requireKeepAlive(try wire.expectFrame("KEEPALIVE 2 on \(main.words)"))
  }

  /// CANCEL, and the answer to the command.
  func cancelWaiting() throws(CheckEnd) {
    try wire.send(.cancel, on: main)
    let answer = try answer(on: main, waits: true)
    try wire.require(
      answer.word == StatusWord.cancelled.rawValue && answer.data.isEmpty,
      StatusWord.words(StatusWord.cancelled.rawValue), answer.words)
    try wire.expectEcho(on: main)
  }

  func requireKeepAlive(_ frame: Frame) throws(CheckEnd) {
    try wire.require(
      isKeepAlive(frame), "KEEPALIVE \(KeepAliveStatus.touchNeeded.rawValue) on \(main.words)",
      "\(frame)")
  }

  /// Requires an error, and nothing before it but signs of the wait.
  fileprivate func expectAmongKeepAlives(
    _ error: FramingError, on channel: ChannelID
  ) throws(CheckEnd) {
    while true {
      let expected = "ERROR \(error) on \(channel.words)"
      let frame = try wire.expectFrame(expected)
      if isKeepAlive(frame) { continue }
      let isRight =
        frame.channel == channel && frame.payload[0] == error.rawValue
        && frame.header == .initialization(command: FramingCommand.error.rawValue, length: 1)
      return try wire.require(isRight, expected, "\(frame)")
    }
  }

  private func isKeepAlive(_ frame: Frame) -> Bool {
    frame.channel == main && frame.payload[0] == KeepAliveStatus.touchNeeded.rawValue
      && frame.header == .initialization(command: FramingCommand.keepAlive.rawValue, length: 1)
  }
}
