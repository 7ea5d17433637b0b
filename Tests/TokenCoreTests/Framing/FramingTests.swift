import Testing
import TokenCore

@Suite("Framing")
struct FramingTests {
  static let busy: UInt8 = 0x06

  func error(_ code: UInt8, on channel: UInt32) -> Message {
    Message(channel: channel, command: 0x3F, payload: [code])
  }

  @Test("INIT on the broadcast channel echoes the nonce and allocates a fresh channel each time")
  func allocation() {
    var host = TestHost()
    let nonce: [UInt8] = [9, 8, 7, 6, 5, 4, 3, 2]
    let first = host.transact(0x06, nonce, on: 0xFFFF_FFFF)
    let second = host.transact(0x06, nonce, on: 0xFFFF_FFFF)
    #expect(first.count == 1 && first[0].channel == 0xFFFF_FFFF)
    #expect(first[0].payload.prefix(8) == nonce[...])
    #expect(first[0].payload[12...] == [2, 0, 1, 0, 0x09])
    #expect(second[0].payload[8..<12] != first[0].payload[8..<12])
  }

  @Test("PING returns any length up to 7,609 bytes unchanged")
  func ping() {
    var host = TestHost()
    for length in [0, 1, 56, 57, 58, 115, 116, 117, 1000, 7608, 7609] {
      let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let answer = host.transact(0x01, payload)
      #expect(answer == [Message(channel: host.channel, command: 0x01, payload: payload)])
    }
  }

  @Test("a message longer than 7,609 bytes is an invalid length")
  func tooLong() {
    var host = TestHost()
    var packet = TestHost.packets(host.channel, 0x01, [])[0]
    packet[5] = 0x1D
    packet[6] = 0xBA  // 7,610
    host.send(packet)
    #expect(host.messages() == [error(0x03, on: host.channel)])
    #expect(host.transact(0x01, [1]).first?.payload == [1])
  }

  @Test("channels 0, unallocated ones, and anything but INIT on broadcast are invalid channels")
  func invalidChannels() {
    var host = TestHost()
    for channel: UInt32 in [0, 77, 0xFFFF_FFFF, 0xFFFF_FFFE] {
      #expect(host.transact(0x01, [1], on: channel) == [error(0x0B, on: channel)])
    }
    #expect(host.transact(0x06, [UInt8](repeating: 1, count: 8), on: 0) == [error(0x0B, on: 0)])
    #expect(host.transact(0x06, [UInt8](repeating: 1, count: 8), on: 99) == [error(0x0B, on: 99)])
  }

  @Test("INIT with another length than 8 is an invalid length")
  func initLength() {
    var host = TestHost()
    for length in [0, 7, 9, 57] {
      let answer = host.transact(0x06, [UInt8](repeating: 0, count: length), on: 0xFFFF_FFFF)
      #expect(answer == [error(0x03, on: 0xFFFF_FFFF)])
    }
  }

  @Test("unknown commands, and those that only the token sends, are invalid commands")
  func unknownCommands() {
    var host = TestHost()
    for command: UInt8 in [0x00, 0x02, 0x03, 0x10, 0x3B, 0x3F, 0x41, 0x7F] {
      #expect(host.transact(command, []) == [error(0x01, on: host.channel)])
    }
  }

  @Test("a continuation out of sequence ends the message with an invalid sequence")
  func sequence() {
    var host = TestHost()
    var packets = TestHost.packets(host.channel, 0x01, [UInt8](repeating: 5, count: 300))
    packets.swapAt(1, 2)
    host.send(packets[0])
    host.send(packets[1])
    #expect(host.messages() == [error(0x04, on: host.channel)])
    host.send(packets[2])  // Outside any message now.
    #expect(host.messages() == [])
    #expect(host.transact(0x01, [1]).first?.payload == [1])
  }

  @Test("a second initialisation packet within a message is an invalid sequence")
  func nestedInitialization() {
    var host = TestHost()
    let packets = TestHost.packets(host.channel, 0x01, [UInt8](repeating: 5, count: 300))
    host.send(packets[0])
    host.send(packets[0])
    #expect(host.messages() == [error(0x04, on: host.channel)])
  }

  @Test("INIT on a channel in the middle of its message resynchronises it")
  func resync() {
    var host = TestHost()
    host.send(TestHost.packets(host.channel, 0x01, [UInt8](repeating: 5, count: 300))[0])
    let nonce: [UInt8] = [1, 1, 2, 3, 5, 8, 13, 21]
    let answer = host.transact(0x06, nonce)
    #expect(answer.count == 1 && answer[0].channel == host.channel)
    #expect(answer[0].payload.prefix(8) == nonce[...])
    #expect(answer[0].payload[8..<12] == bigEndian(host.channel)[...])
    #expect(host.transact(0x01, [7]).first?.payload == [7])
  }

  @Test("a message that stops coming times out after half a second, and not before")
  func timeout() {
    var host = TestHost()
    let packets = TestHost.packets(host.channel, 0x01, [UInt8](repeating: 5, count: 300))
    host.send(packets[0])
    host.token.board.pass(seconds: 0.4)
    host.token.poll()
    #expect(host.messages() == [])
    host.send(packets[1])  // Each packet begins the time-out anew.
    host.token.board.pass(seconds: 0.4)
    host.token.poll()
    #expect(host.messages() == [])
    let waits = host.token.isWaiting
    #expect(waits)
    host.token.board.pass(seconds: 0.2)
    host.token.poll()
    #expect(host.messages() == [error(0x05, on: host.channel)])
    let stillWaits = host.token.isWaiting
    #expect(!stillWaits)
  }

  @Test("another channel is told busy while a message goes on, and the message survives it")
  func busy() {
    var host = TestHost()
    let other = host.allocateChannel()
    let payload = [UInt8](repeating: 5, count: 100)
    let packets = TestHost.packets(host.channel, 0x01, payload)
    host.send(packets[0])
    #expect(host.transact(0x01, [1], on: other) == [error(Self.busy, on: other)])
    host.send(TestHost.packets(other, 0x01, [UInt8](repeating: 5, count: 100))[1])
    #expect(host.allocateChannel() != 0)
    host.send(packets[1])
    #expect(host.messages() == [Message(channel: host.channel, command: 1, payload: payload)])
  }

  @Test("LOCK keeps other channels out until it is released or its seconds are over")
  func lock() {
    var host = TestHost()
    let other = host.allocateChannel()
    #expect(
      host.transact(0x04, [3]).first == Message(channel: host.channel, command: 4, payload: []))
    #expect(host.transact(0x01, [1], on: other) == [error(Self.busy, on: other)])
    #expect(host.transact(0x01, [1]).first?.payload == [1])
    #expect(host.transact(0x04, [0]).first?.command == 0x04)
    #expect(host.transact(0x01, [1], on: other).first?.payload == [1])

    _ = host.transact(0x04, [3])
    host.token.board.pass(seconds: 2.9)
    #expect(host.transact(0x01, [1], on: other) == [error(Self.busy, on: other)])
    host.token.board.pass(seconds: 0.2)
    #expect(host.transact(0x01, [1], on: other).first?.payload == [1])
  }

  @Test("LOCK of more than 10 s, or of another length than one byte, is refused")
  func lockArguments() {
    var host = TestHost()
    #expect(host.transact(0x04, [11]) == [error(0x02, on: host.channel)])
    #expect(host.transact(0x04, []) == [error(0x03, on: host.channel)])
    #expect(host.transact(0x04, [1, 2]) == [error(0x03, on: host.channel)])
  }

  @Test("WINK winks, and takes nothing")
  func wink() {
    var host = TestHost()
    #expect(host.transact(0x08, []) == [Message(channel: host.channel, command: 8, payload: [])])
    let indication = host.token.board.indication
    #expect(indication == .wink)
    #expect(host.transact(0x08, [1]) == [error(0x03, on: host.channel)])
  }

  @Test("CANCEL within a message drops it without an answer")
  func cancelMessage() {
    var host = TestHost()
    host.send(TestHost.packets(host.channel, 0x01, [UInt8](repeating: 5, count: 300))[0])
    #expect(host.transact(0x11, []) == [])
    #expect(host.transact(0x01, [1]).first?.payload == [1])
  }

  @Test("a host that never reads loses answers, not the token")
  func neverReads() {
    var host = TestHost()
    let other = host.allocateChannel()
    for packet in TestHost.packets(host.channel, 0x01, [UInt8](repeating: 5, count: 500)) {
      host.send(packet)
    }
    for _ in 0..<100 { host.send(TestHost.packets(other, 0x01, [1])[0]) }
    host.token.board.pass(seconds: 1)
    host.token.poll()
    _ = host.messages()
    #expect(host.transact(0x01, [1], on: other).first?.payload == [1])
  }

  @Test("any sequence of reports leaves the token answering", arguments: [1, 2, 3, 4])
  func randomReports(seed: UInt64) {
    var random = SplitMix(seed: seed)
    var host = TestHost(TestBoard(seed: seed))
    _ = host.syncClock(to: Double(newYear))
    for round in 0..<25_000 {
      var bytes = (0..<64).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      // Mostly plausible headers, so that the reports reach deeper than the first check.
      if !random.next().isMultiple(of: 8) {
        let channel = UInt32(random.next() % 5)
        for index in 0..<4 {
          bytes[index] = UInt8(truncatingIfNeeded: channel >> UInt32(24 - 8 * index))
        }
        let commands: [UInt8] = [0x81, 0x84, 0x86, 0x88, 0x91, 0xF0, 0xF0, 0xF0, 0x00, 0x01, 0x02]
        bytes[4] = commands[Int(random.next() % UInt64(commands.count))]
        if bytes[4] & 0x80 != 0 { bytes[5] = UInt8(random.next() % 3) }
      }
      host.send(bytes)
      if random.next().isMultiple(of: 3) { _ = host.fetch() }
      if random.next().isMultiple(of: 5) { host.token.poll() }
      if random.next().isMultiple(of: 7) {
        host.token.board.pass(seconds: Double(random.next() % 1000) / 1000)
      }
      host.token.board.isPressed = random.next().isMultiple(of: 2)
      guard round.isMultiple(of: 500) else { continue }
      host.token.board.pass(seconds: 20)
      host.token.poll()
      _ = host.messages()
      let channel = host.allocateChannel()
      #expect(
        host.transact(0x01, [42], on: channel).last?.payload == [42],
        "repeat with: seed \(seed), report \(round)")
    }
  }
}
