import Testing
import TokenClient
import TokenCore

@testable import Conformance

@Suite("A token that breaks a rule of the framing")
struct FramingMutantTests {
  @Test("is found out by the check of that rule")
  func isFoundOut() {
    #expect(Fault.undetected(Fault.framing) == [])
  }

  @Test("every error of the framing in place of another is found out")
  func errors() throws {
    let checks: [(FramingError, [String])] = [
      (.invalidCommand, ["report.unknown"]), (.invalidParameter, ["lock.limit"]),
      (
        .invalidLength,
        ["report.toolong", "report.wink.length", "init.length", "lock.length"]
      ),
      (.invalidSequence, ["message.begun", "message.sequence"]),
      (.messageTimeout, ["timeout.message"]),
      (
        .channelBusy, ["busy.request", "lock.others", "lock.expires", "touch.others", "touch.same"]
      ),
      (
        .invalidChannel,
        [
          "channel.zero", "channel.broadcast", "channel.unallocated", "init.unallocated",
          "channel.replaced",
        ]
      ),
    ]
    let wrong = together(checks.flatMap { pair in pair.1.map { (pair.0, $0) } }) { error, id in
      let change = Mutant.Change(received: { frame in
        guard frame.isError(error) else { return [frame] }
        return [Frame(on: frame.channel, FramingCommand.error.rawValue, length: 1, [0x7F])]
      })
      let outcome = try run(id, on: Mutant(change)).outcome(of: id)
      return outcome?.isFailure == true ? nil : "\(error) in \(id)"
    }
    #expect(wrong == [])
  }
}

extension Fault {
  static let framing: [Fault] = [
    .reports("loses the second report of a message", ["report.sizes", "report.longest"]) { frame in
      frame.header == .continuation(sequence: 0) ? [] : [frame]
    },
    .reports("loses the last report of the longest message", ["report.longest"]) { frame in
      frame.header == .continuation(sequence: 0x7F) ? [] : [frame]
    },
    .reports("counts sequence numbers from 1", ["report.sizes"]) { frame in
      guard case .continuation(let number) = frame.header else { return [frame] }
      return [Frame(on: frame.channel, sequence: number &+ 1 & 0x7F, frame.payload[...])]
    },
    .reports("sends each continuation twice", ["report.sizes"]) { frame in
      if case .continuation = frame.header { [frame, frame] } else { [frame] }
    },
    .reports("sends each report twice", ["report.wink", "channel.several"]) { [$0, $0] },
    .reports("claims a byte more than there is", ["report.sizes"]) { $0.withLength { $0 + 1 } },
    .reports("claims a byte less than there is", ["report.padding"]) { $0.withLength { $0 - 1 } },
    .reports("leaves bytes of another message behind the last one", ["report.wink", "init.length"])
    {
      frame in
      guard case .initialization(_, let length) = frame.header, length < 57 else { return [frame] }
      return [frame.padded(after: length, with: 1)]
    },
    .reports("answers on the next channel", ["channel.several", "report.wink"]) { frame in
      [frame.moved(to: ChannelID(rawValue: frame.channel.rawValue &+ 1))]
    },
    .reports("answers everything on the broadcast channel", ["report.wink"]) { frame in
      [frame.moved(to: .broadcast)]
    },
    .reports("changes a byte of the echo", ["report.padding", "report.sizes"]) { frame in
      guard frame.isCommand(.ping) else { return [frame] }
      return [frame.changed(at: 7) { $0 ^ 0x80 }]
    },
    .reports("changes the nonce of INIT", ["init.broadcast"]) { frame in
      frame.isCommand(.initialize) ? [frame.changed(at: 14) { $0 ^ 1 }] : [frame]
    },
    .reports("gives everybody channel 1", ["init.broadcast"]) { frame in
      guard frame.isCommand(.initialize) else { return [frame] }
      return [frame.changed(at: 17) { _ in 0 }.changed(at: 18) { _ in 1 }]
    },
    .reports("speaks another version of the protocol", ["init.greeting"]) { frame in
      frame.isCommand(.initialize) ? [frame.changed(at: 19) { _ in 1 }] : [frame]
    },
    .reports("says that it takes U2F messages", ["init.greeting"]) { frame in
      frame.isCommand(.initialize) ? [frame.changed(at: 23) { _ in 1 }] : [frame]
    },
    .reports(
      "says nothing at all", ["report.padding", "channel.zero", "busy.init", "message.stray"]
    ) {
      _ in []
    },
    .reports("answers only with KEEPALIVE", ["report.wink", "apdu.class"]) { frame in
      [Frame(on: frame.channel, FramingCommand.keepAlive.rawValue, length: 1, [1])]
    },
    .reports("never times out a message", ["timeout.message"]) {
      $0.isError(.messageTimeout) ? [] : [$0]
    },
    .reports("answers with another command", ["report.wink"]) { frame in
      guard frame.isCommand(.wink) else { return [frame] }
      return [Frame(on: frame.channel, FramingCommand.lock.rawValue, length: 0)]
    },
    .reports("asks for its button with the wrong status", ["touch.keepalive", "touch.cancel"]) {
      frame in
      frame.isCommand(.keepAlive) ? [frame.changed(at: 7) { _ in 1 }] : [frame]
    },
    .reports("waits for its button without a sign of life", ["touch.keepalive", "touch.cancel"]) {
      $0.isCommand(.keepAlive) ? [] : [$0]
    },
    .reports("sends KEEPALIVE three times as often", ["touch.keepalive"]) { frame in
      frame.isCommand(.keepAlive) ? [frame, frame, frame] : [frame]
    },
    Fault("is too late with every answer", ["report.padding", "lock.limit"]) {
      Mutant.Change(delay: .milliseconds(500))
    },
    Fault("answers CANCEL", ["message.cancel.idle", "message.cancelled"]) {
      Mutant.Change(sent: { frame in
        guard frame.isCommand(.cancel) else { return ([frame], []) }
        return ([frame], [Frame(on: frame.channel, FramingCommand.cancel.rawValue, length: 0)])
      })
    },
    Fault("does not know CANCEL", ["message.cancelled", "touch.cancel", "touch.recovery"]) {
      Mutant.Change(sent: { $0.isCommand(.cancel) ? ([], []) : ([$0], []) })
    },
    Fault("complains about a packet outside any message", ["message.stray"]) {
      Mutant.Change(sent: { frame in
        guard case .continuation = frame.header else { return ([frame], []) }
        let error = FramingError.invalidSequence.rawValue
        return ([], [Frame(on: frame.channel, FramingCommand.error.rawValue, length: 1, [error])])
      })
    },
    Fault("takes any channel's continuation for the right one's", ["busy.continuation"]) {
      var last = ChannelID.reserved
      return Mutant.Change(sent: { frame in
        if case .continuation = frame.header { return ([frame.moved(to: last)], []) }
        last = frame.channel
        return ([frame], [])
      })
    },
    Fault("takes any sequence number", ["message.sequence"]) {
      var next: UInt8 = 0
      return Mutant.Change(sent: { frame in
        guard case .continuation = frame.header else {
          next = 0
          return ([frame], [])
        }
        defer { next += 1 }
        return ([Frame(on: frame.channel, sequence: next, frame.payload[...])], [])
      })
    },
    Fault("begins anew when a message is begun within another", ["message.begun"]) {
      Mutant.Change(sent: { frame in
        guard frame.isCommand(.ping) else { return ([frame], []) }
        return ([Frame(on: frame.channel, FramingCommand.cancel.rawValue, length: 0), frame], [])
      })
    },
    Fault("does not know LOCK, and says that it does", ["lock.others", "lock.expires"]) {
      Mutant.Change(sent: { frame in
        guard frame.isCommand(.lock) else { return ([frame], []) }
        return ([], [Frame(on: frame.channel, FramingCommand.lock.rawValue, length: 0)])
      })
    },
    Fault("keeps a LOCK for ever", ["lock.expires"]) { .locking { _ in 10 } },
    Fault("ends a LOCK too early", ["lock.expires"]) { .locking { $0 == 2 ? 1 : $0 } },
    Fault("takes a LOCK of 11 s", ["lock.limit"]) { .locking { min($0, 10) } },
    Fault(
      "answers INIT on a channel, and drops nothing",
      ["init.resync", "lock.resync", "touch.init", "key.ends", "stage.init"]
    ) {
      Mutant.Change(sent: { frame in
        guard frame.isCommand(.initialize), frame.channel != .broadcast else {
          return ([frame], [])
        }
        let answer =
          Array(frame.payload.prefix(8)) + bigEndian(frame.channel.rawValue) + [2, 0, 1, 0, 9]
        return ([], Frame.message(.initialize, answer, on: frame.channel))
      })
    },
    Fault("drops a message when another channel says INIT", ["busy.init"]) {
      var last = ChannelID.reserved
      return Mutant.Change(sent: { frame in
        guard frame.isCommand(.initialize) else {
          last = frame.channel
          return ([frame], [])
        }
        let cancel = Frame(on: last, FramingCommand.cancel.rawValue, length: 0)
        return ([cancel, frame], [])
      })
    },
    Fault("numbers channels from 1 on", ["init.numbers"]) { .numberingChannels { $0 } },
    Fault("numbers channels by a step of its own", ["init.numbers"]) {
      .numberingChannels { $0 &* 0x9E37_79B1 }
    },
    Fault("has random numbers of 16 bits", ["init.numbers"]) {
      .numberingChannels { _ in 0xBEEF_0000 | UInt32.random(in: 1...0xFFFF) }
    },
    Fault(
      "gives nobody's channel up, and answers on all that there ever were", ["channel.replaced"]
    ) {
      Mutant.Change(received: { frame in
        guard frame.isError(.invalidChannel) else { return [frame] }
        return [Frame(on: frame.channel, FramingCommand.ping.rawValue, length: 8)]
      })
    },
    Fault("has room for four channels", ["channel.replaced"]) {
      var channels: [ChannelID] = []
      return Mutant.Change(
        sent: { frame in
          guard frame.channel != .broadcast, channels.count > 4,
            !channels.suffix(4).contains(frame.channel)
          else { return ([frame], []) }
          let error = FramingError.invalidChannel.rawValue
          return ([], [Frame(on: frame.channel, FramingCommand.error.rawValue, length: 1, [error])])
        },
        received: { frame in
          if frame.isCommand(.initialize), frame.channel == .broadcast {
            channels.append(ChannelID(rawValue: UInt32(number(frame.payload[8..<12]))))
          }
          return [frame]
        })
    },
    Fault("takes INIT of any length", ["init.length"]) {
      Mutant.Change(sent: { frame in
        guard case .initialization(FramingCommand.initialize.rawValue, _) = frame.header else {
          return ([frame], [])
        }
        return (
          [
            Frame(
              on: frame.channel, FramingCommand.initialize.rawValue, length: 8, frame.payload[...])
          ],
          []
        )
      })
    },
    Fault("looks at what is behind a message's last byte", ["report.padding"]) {
      Mutant.Change(sent: { frame in
        guard frame.isCommand(.ping), frame.payload.last != 0 else { return ([frame], []) }
        return ([frame.changed(at: 6) { $0 + 1 }], [])
      })
    },
  ]
}

extension Mutant.Change {
  /// Other numbers for channels that are given from now on: of the first, second, …
  static func numberingChannels(_ number: @escaping (UInt32) -> UInt32) -> Mutant.Change {
    var count: UInt32 = 0
    var theirs: [ChannelID: ChannelID] = [:]
    var ours: [ChannelID: ChannelID] = [:]
    return Mutant.Change(
      sent: { frame in
        ([theirs[frame.channel].map { frame.moved(to: $0) } ?? frame], [])
      },
      received: { frame in
        guard frame.isCommand(.initialize), frame.channel == .broadcast else {
          return [ours[frame.channel].map { frame.moved(to: $0) } ?? frame]
        }
        count += 1
        let given = ChannelID(rawValue: number(count))
        let real = ChannelID(rawValue: UInt32(Conformance.number(frame.payload[8..<12])))
        theirs[given] = real
        ours[real] = given
        var changed = frame
        for (index, byte) in bigEndian(given.rawValue).enumerated() {
          changed = changed.changed(at: 15 + index) { _ in byte }
        }
        return [changed]
      })
  }

  /// The seconds of each LOCK replaced.
  static func locking(_ seconds: @escaping (UInt8) -> UInt8) -> Mutant.Change {
    Mutant.Change(sent: { frame in
      ([frame.isCommand(.lock) ? frame.changed(at: 7, seconds) : frame], [])
    })
  }
}

extension Frame {
  func isCommand(_ command: FramingCommand) -> Bool {
    if case .initialization(command.rawValue, _) = header { true } else { false }
  }

  func isError(_ error: FramingError) -> Bool {
    isCommand(.error) && payload[0] == error.rawValue
  }

  func changed(at index: Int, _ change: (UInt8) -> UInt8) -> Frame {
    var report = report
    report.bytes[index] = change(report.bytes[index])
    return Frame(report)
  }

  func moved(to channel: ChannelID) -> Frame {
    var frame = self
    for (index, byte) in bigEndian(channel.rawValue).enumerated() {
      frame = frame.changed(at: index) { _ in byte }
    }
    return frame
  }

  /// With another length of its message, if it begins one of PING.
  func withLength(_ change: (Int) -> Int) -> [Frame] {
    guard case .initialization(FramingCommand.ping.rawValue, let length) = header, length > 0
    else { return [self] }
    let changed = bigEndian(UInt16(change(length)))
    return [self.changed(at: 5) { _ in changed[0] }.changed(at: 6) { _ in changed[1] }]
  }
}
