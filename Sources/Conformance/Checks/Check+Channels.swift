import TokenCore

// Docs/protocol.md, section 2, rules 1 to 3: INIT and channels.
extension Check {
  static let channels: [Check] = [
    Check("init.broadcast", "INIT on the broadcast channel gives a channel of its own", "2, rule 2")
    {
      bench throws(CheckEnd) in
      let first = try bench.wire.allocate()
      let second = try bench.wire.allocate()
      try bench.wire.require(
        Set([first, second, bench.main, bench.other, bench.third]).count == 5,
        "channels that nobody has yet", "\(first.words), then \(second.words)")
      try bench.wire.expectEcho(on: first)
      try bench.wire.expectEcho(on: second)
    },
    Check("init.numbers", "Channel numbers cannot be guessed from others", "2, rule 3") {
      bench throws(CheckEnd) in
      var numbers: [UInt32] = []
      for _ in 0..<6 { numbers.append(try bench.wire.allocate().rawValue) }
      let steps = zip(numbers, numbers.dropFirst()).map { $1 &- $0 }
      // Of six random numbers no two halves are alike, but once in 2⁷⁷ runs.
      let isRandom =
        Set(steps).count > 1 && Set(numbers.map { $0 >> 16 }).count > 1
        && Set(numbers.map { $0 & 0xFFFF }).count > 1
      try bench.wire.require(
        isRandom && !numbers.contains(0xFFFF_FFFE), "random numbers, never FFFFFFFE",
        numbers.map { hexadecimal($0) }.joined(separator: ", "))
    },
    Check("init.greeting", "INIT tells protocol version 2, and WINK and 'no U2F messages'", "2") {
      bench throws(CheckEnd) in
      let greeting = try bench.wire.greeting(on: .broadcast)
      try bench.wire.require(
        greeting.protocolVersion == 2, "protocol version 2", "\(greeting.protocolVersion)")
      let expected: Capabilities = [.wink, .noMessage]
      try bench.wire.require(
        greeting.capabilities == expected, "capabilities \(hexadecimal(expected.rawValue))",
        hexadecimal(greeting.capabilities.rawValue))
    },
    Check("init.resync", "INIT on a channel keeps it, and drops what it was doing", "2, rule 2") {
      bench throws(CheckEnd) in
      try bench.wire.send(.ping, randomBytes(100), on: bench.main, first: 1)
      try bench.wire.resynchronize(bench.main)
      try bench.wire.send(Frame(on: bench.main, sequence: 0))
      try bench.wire.expectNothing()
      try bench.wire.expectEcho(on: bench.main)
    },
    Check("init.length", "INIT with another length than 8 is invalidLength", "2, rule 2") {
      bench throws(CheckEnd) in
      for channel in [ChannelID.broadcast, bench.main] {
        for size in [0, 7, 9, 57] {
          try bench.wire.send(.initialize, randomBytes(size), on: channel)
          try bench.wire.expectError(.invalidLength, on: channel)
        }
      }
      try bench.wire.expectEcho(on: bench.main)
    },
    Check(
      "init.unallocated", "INIT on a channel that was never allocated is invalidChannel",
      "2, rule 3"
    ) { bench throws(CheckEnd) in
      let channel = bench.unallocatedChannel()
      try bench.wire.send(.initialize, randomBytes(8), on: channel)
      try bench.wire.expectError(.invalidChannel, on: channel)
    },
    Check("channel.zero", "A report on channel 0 is invalidChannel", "2, rule 1") {
      bench throws(CheckEnd) in
      for command: FramingCommand in [.ping, .initialize, .wink, .cancel, .applet] {
        let payload = command == .initialize ? randomBytes(8) : []
        try bench.wire.send(command, payload, on: .reserved)
        try bench.wire.expectError(.invalidChannel, on: .reserved)
      }
      try bench.wire.send(Frame(on: .reserved, sequence: 0))
      try bench.wire.expectError(.invalidChannel, on: .reserved)
    },
    Check("channel.broadcast", "On the broadcast channel only INIT is taken", "2, rule 1") {
      bench throws(CheckEnd) in
      for command: FramingCommand in [.ping, .lock, .wink, .cancel, .applet] {
        let payload: [UInt8] = command == .lock ? [1] : []
        try bench.wire.send(command, payload, on: .broadcast)
        try bench.wire.expectError(.invalidChannel, on: .broadcast)
      }
      try bench.wire.send(Frame(on: .broadcast, sequence: 0))
      try bench.wire.expectError(.invalidChannel, on: .broadcast)
    },
    Check(
      "channel.unallocated", "A channel that was never allocated is invalidChannel", "2, rule 3"
    ) {
      bench throws(CheckEnd) in
      let channel = bench.unallocatedChannel()
      for command: FramingCommand in [.ping, .lock, .wink, .cancel, .applet] {
        let payload: [UInt8] = command == .lock ? [1] : []
        try bench.wire.send(command, payload, on: channel)
        try bench.wire.expectError(.invalidChannel, on: channel)
      }
      try bench.wire.send(Frame(on: channel, sequence: 0))
      try bench.wire.expectError(.invalidChannel, on: channel)
    },
    Check(
      "channel.replaced", "A channel that had to make room for another is invalidChannel",
      "2, rule 3"
    ) {
      bench throws(CheckEnd) in
      let first = try bench.wire.allocate()
      try bench.wire.expectEcho(on: first)
      var channels: [ChannelID] = []
      for _ in 0..<Bench.channelsAtOnce { channels.append(try bench.wire.allocate()) }
      for command: FramingCommand in [.ping, .initialize] {
        try bench.wire.send(command, randomBytes(8), on: first)
        try bench.wire.expectError(.invalidChannel, on: first)
      }
      // Beside these are as many at most as something hangs on.
      for channel in channels.suffix(8) { try bench.wire.expectEcho(on: channel) }
    },
    Check("channel.several", "Each channel is answered on itself", "2") { bench throws(CheckEnd) in
      for channel in [bench.main, bench.other, bench.third, bench.main] {
        try bench.wire.expectEcho(on: channel)
      }
    },
  ]
}

extension Bench {
  /// As many live at one time.
  static let channelsAtOnce = 16

  /// A channel that no host has. It has some as random a number as others', but only sixteen of 2³².
  func unallocatedChannel() -> ChannelID {
    let channel = ChannelID(rawValue: UInt32.random(in: 1...0xFFFF_FFF0))
    wire.watch(channel)
    return channel
  }
}
