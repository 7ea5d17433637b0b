import Testing
import TokenCore

/// A proof belongs to the client that gave it: Docs/protocol.md, section 12.
@Suite("A session")
struct SessionTests {
  private func locked() -> TestHost {
    var host = TestHost()
    _ = host.syncClock(to: Double(newYear))
    _ = host.put("a")
    _ = AccessKeyTests.setKey(&host)
    return host
  }

  @Test("channel numbers are random: no token gives the same ones, and none follows another")
  func numbers() {
    var all: Set<UInt32> = []
    for seed in UInt64(1)...20 {
      var host = TestHost(TestBoard(seed: seed))
      var last = host.channel
      for _ in 0..<50 {
        let next = host.allocateChannel()
        #expect(next &- last > 1000 && last &- next > 1000)
        #expect(![0, 0xFFFF_FFFF, 0xFFFF_FFFE].contains(next))
        all.insert(next)
        last = next
      }
    }
    #expect(all.count == 20 * 50, "repeat with: seeds 1 ... 20")
  }

  @Test("a program that proved nothing finds no channel that is open, by counting or by chance")
  func guesser() {
    var host = locked()
    #expect(AccessKeyTests.validate(&host) == 0x9000)
    var random = SplitMix(seed: 7)
    let guesses = (0...4096).map { UInt32($0) } + (0..<4096).map { _ in random.next() }
    for channel in guesses where channel != host.channel {
      #expect(host.transact(0x70, [0, 0xA1, 0, 0], on: channel).first?.payload != [0x90, 0x00])
    }
    #expect(host.apdu(0xA1).status == 0x9000)
  }

  @Test("a proof ends a minute after the channel's last command")
  func silence() {
    for secret in [LockState.validated, .verified] {
      var host = secret.host()
      for _ in 0..<5 {
        host.token.board.pass(seconds: 59)
        #expect(host.apdu(0xA1).status == 0x9000)
      }
      host.token.board.pass(seconds: 60)
      #expect(host.apdu(0xA1).status == 0x6982)
      #expect(host.apdu(0xA1).status == 0x6982)
    }
  }

  @Test("a proof ends ten minutes after it was given, however busy the channel is")
  func longest() {
    for secret in [LockState.validated, .verified] {
      var host = secret.host()
      var passed = 0.0
      while host.apdu(0xA1).status == 0x9000, passed < 1000 {
        host.token.board.pass(seconds: 5)
        passed += 5
      }
      #expect(passed > 590 && passed <= 600)
    }
  }

  @Test("another channel's commands do not keep a proof alive")
  func othersBusy() {
    var host = locked()
    #expect(AccessKeyTests.validate(&host) == 0x9000)
    let other = host.allocateChannel()
    for _ in 0..<7 {
      host.token.board.pass(seconds: 10)
      #expect(host.apdu(0x5C, on: other).status == 0x9000)
    }
    #expect(host.apdu(0xA1).status == 0x6982)
  }

  @Test("channels that prove nothing never push a proved one out, nor its number")
  func crowd() {
    var host = locked()
    #expect(AccessKeyTests.validate(&host) == 0x9000)
    for _ in 0..<100 {
      let stranger = host.allocateChannel()
      _ = host.apdu(0xA4, p1: 4, AccessKeyTests.application, on: stranger)
      _ = host.apdu(0x5B, on: stranger)
      #expect(host.apdu(0xA1, on: stranger).status == 0x6982)
    }
    #expect(host.apdu(0xA1).status == 0x9000)
  }

  @Test("a channel that made room for another is told that it is none")
  func madeRoom() {
    var host = TestHost()
    let first = host.channel
    for _ in 0..<16 { _ = host.allocateChannel() }
    #expect(host.transact(0x01, [1], on: first).first?.payload == [0x0B])
  }

  @Test("of five proofs, the one that was used least recently ends")
  func fifthProof() {
    var host = locked()
    let channels = (0..<5).map { _ in host.allocateChannel() }
    // All within one tick.
    for channel in channels {
      #expect(AccessKeyTests.validate(&host, on: channel) == 0x9000)
      _ = host.apdu(0xA1, on: channels[0])
    }
    #expect(
      channels.map { host.apdu(0xA1, on: $0).status } == [0x9000, 0x6982, 0x9000, 0x9000, 0x9000])
  }

  @Test("clearing the access key ends all sessions, as setting one does")
  func cleared() {
    var host = LockState.bothVerified.host()
    let other = host.allocateChannel()
    #expect(AccessKeyTests.validate(&host, on: other) == 0x9000)
    #expect(host.calculate("a").status == 0x9000)
    #expect(AccessKeyTests.clearKey(&host) == 0x9000)
    #expect(host.calculate("a").status == 0x6982)
    #expect(host.apdu(0xA1, on: other).status == 0x6982)
  }
}

/// Commands that change who gets in, or what time it is, prove for themselves that they may.
@Suite("A command's own proof")
struct OwnProofTests {
  static let second = Array("another 16 bytes".utf8)

  /// The commands, as they are when the access key and no PIN is set.
  static let commands: [(name: String, instruction: UInt8, data: [UInt8])] = [
    ("SET CODE", 0x03, AccessKeyTests.newKey(second)),
    ("SET CODE, clearing", 0x03, field(0x73, [])),
    ("SET PIN", 0xB4, field(0x80, LockState.rightPIN)),
    (
      "CLOCK SET", 0x52,
      field(0xD0, bigEndian(newYear * 1_000_000)) + field(0xD1, bigEndian(Int64(1000)))
    ),
  ]

  @Test("is not replaced by what the channel proved")
  func channelIsNotEnough() {
    for command in Self.commands {
      var host = LockState.validated.host()
      #expect(host.apdu(0xA1).status == 0x9000)
      let before = host.token.board.memory
      #expect(host.press(command.instruction, command.data).status == 0x6982, "\(command.name)")
      let isUntouched = host.token.board.memory == before
      #expect(isUntouched, "\(command.name)")
    }
  }

  @Test("is enough on a channel that proved nothing")
  func channelIsNotNeeded() {
    for command in Self.commands {
      var host = LockState.key.host()
      let data = host.proved(command.instruction, command.data)
      #expect(host.press(command.instruction, data).status == 0x9000, "\(command.name)")
    }
  }

  @Test("is good for one command, one use, one channel and one minute")
  func fresh() {
    for command in Self.commands {
      var host = LockState.key.host()
      let other = host.allocateChannel()
      let data = command.data
      let instruction = command.instruction
      func attempt(_ bytes: [UInt8], on channel: UInt32? = nil) -> UInt16 {
        host.press(instruction, bytes, on: channel).status
      }
      // Of another channel, and of none.
      #expect(attempt(host.proved(instruction, data, on: other)) == 0x6985, "\(command.name)")
      // Over another instruction.
      #expect(attempt(host.proved(0x01, data)) == 0x6A80, "\(command.name)")
      // A wrong proof has used the nonce up.
      let nonce = value(of: 0x74, in: host.apdu(0x5B).data) ?? []
      let right = AccessKeyTests.hmac([instruction] + nonce + data)
      #expect(attempt(data + field(0xD7, [1] + right.dropFirst())) == 0x6A80, "\(command.name)")
      #expect(attempt(data + field(0xD7, right)) == 0x6985, "\(command.name)")
      // Too late.
      let late = host.proved(instruction, data)
      host.token.board.pass(seconds: 60)
      #expect(attempt(late) == 0x6985, "\(command.name)")
      // With another key, and with something behind it.
      #expect(attempt(host.proved(instruction, data, key: [9])) == 0x6A80, "\(command.name)")
      #expect(attempt(host.proved(instruction, data) + [0]) == 0x6A80, "\(command.name)")
      // In time, and then once more.
      let once = host.proved(instruction, data)
      #expect(attempt(once) == 0x9000, "\(command.name)")
      #expect(attempt(once) != 0x9000 || command.name == "CLOCK SET", "\(command.name)")
      if command.name == "CLOCK SET" { #expect(attempt(once) == 0x6985) }
    }
  }

  @Test("has used its nonce up as well if it is malformed, or the button is not pressed")
  func usedUp() {
    let command = field(0x80, LockState.rightPIN)
    let ends: [(inout TestHost) -> Void] = [
      { _ = $0.transact(0x11, []) },
      {
        $0.token.board.pass(seconds: 16)
        $0.token.poll()
        _ = $0.messages()
      },
    ]
    for end in ends {
      var host = LockState.key.host()
      let data = host.proved(0xB4, command)
      _ = host.begin(0xB4, data)
      let isAsked = host.token.wantsTouch
      #expect(isAsked)
      end(&host)
      #expect(host.press(0xB4, data).status == 0x6985)
    }
    for malformed in [[], [UInt8](repeating: 1, count: 65)] as [[UInt8]] {
      var host = LockState.key.host()
      let data = host.proved(0xB4, command)
      #expect(host.press(0xB4, command + field(0xD7, malformed)).status == 0x6A80)
      #expect(host.press(0xB4, data).status == 0x6985)
    }
  }

  @Test("over a PIN alone, SET CODE gives the PIN: with the button, and at the price of a try")
  func pinAlone() {
    var host = LockState.verified.host()
    #expect(host.apdu(0x03, AccessKeyTests.newKey(Self.second)).status == 0x6982)
    let wrong = AccessKeyTests.newKey(Self.second) + field(0x80, LockState.wrongPIN)
    #expect(host.press(0x03, wrong).status == 0x6300)
    #expect(host.pinTries() == 7)
    let right = AccessKeyTests.newKey(Self.second) + field(0x80, LockState.rightPIN)
    _ = host.begin(0x03, right)
    let isAsked = host.token.wantsTouch
    #expect(isAsked)
    #expect(host.transact(0x11, []).first?.payload == [0x64, 0x00])
    #expect(host.press(0x03, right).status == 0x9000)
  }

  @Test("over PC/SC a VALIDATE since the last SELECT is enough for SET CODE, as YKOATH has it")
  func card() throws {
    var host = LockState.key.host()
    let card = CardTests()
    let select: [UInt8] = [0, 0xA4, 4, 0, 7] + AccessKeyTests.application
    let new = AccessKeyTests.newKey(Self.second)
    let setCode: [UInt8] = [0, 0x03, 0, 0, UInt8(new.count)] + new
    #expect(card.exchange(&host, setCode) == [0x69, 0x82])
    let nonce = value(of: 0x74, in: try #require(card.exchange(&host, select))) ?? []
    let answer = field(0x75, AccessKeyTests.hmac(nonce)) + field(0x74, nonce)
    let validate: [UInt8] = [0, 0xA3, 0, 0, UInt8(answer.count)] + answer
    #expect(try #require(card.exchange(&host, validate)).suffix(2) == [0x90, 0x00])
    #expect(card.exchange(&host, setCode) == [0x90, 0x00])
    #expect(card.exchange(&host, setCode) == [0x69, 0x82])
  }
}
