import Testing
import TokenCore

@Suite("Codes")
struct CalculateTests {
  static let step = UInt64(newYear / 30)

  func host(_ body: (inout TestHost) -> Void = { _ in }) -> TestHost {
    var host = TestHost()
    _ = host.syncClock(to: Double(newYear) + 5)
    body(&host)
    return host
  }

  @Test("a code is refused before the clock was first set, and after it lost its count")
  func clockUnset() {
    var host = TestHost()
    _ = host.put("a")
    #expect(host.calculate("a").status == 0x69F0)

    host = self.host { _ = $0.put("a") }
    #expect(host.calculate("a").status == 0x9000)
    host.replug { $0.tickEpoch = .init(rawValue: 2) }
    #expect(host.calculate("a").status == 0x69F6)
  }

  @Test("the clock goes on over a restart as the battery counts")
  func restart() {
    var host = host { _ = $0.put("a") }
    host.replug(afterSeconds: 86_400)
    let answer = host.apdu(0xA2, p2: 0x81, field(0x71, "a") + field(0x74, []))
    let time = number(value(of: 0xD0, in: answer.data)) ?? 0
    #expect(abs(Int64(time) - (newYear + 86_405) * 1_000_000) < 1000)
  }

  @Test("the token computes for its own step and its neighbours, and for no other")
  func ownsTheCounter() {
    var host = host { _ = $0.put("a") }
    let own = host.calculate("a").code
    #expect(host.calculate("a", step: Self.step).code == own)
    #expect(host.calculate("a", step: Self.step - 1).status == 0x9000)
    #expect(host.calculate("a", step: Self.step + 1).status == 0x9000)
    for step in [Self.step - 2, Self.step + 2, 0, 1, .max, Self.step << 1] {
      #expect(host.calculate("a", step: step).status == 0x69F2)
    }
  }

  @Test("a code is refused when the bound exceeds half its period, and longer periods go on")
  func uncertain() {
    var host = host {
      _ = $0.put("a")
      _ = $0.put("60/b")
    }
    // 20 ppm: half of 30 s is reached after 750,000 s.
    host.token.board.pass(seconds: 749_000)
    #expect(host.calculate("a").status == 0x9000)
    host.token.board.pass(seconds: 2_000)
    #expect(host.calculate("a").status == 0x69F1)
    #expect(host.calculate("60/b").status == 0x9000)
    let all = fields(host.apdu(0xA4, p2: 0x81, field(0x74, [])).data).map(\.tag)
    #expect(all == [0x71, 0x77, 0x71, 0x76, 0xD0, 0xD1])
  }

  @Test("CALCULATE ALL gives codes, but none that wants a touch or moves a counter")
  func all() {
    var host = host {
      _ = $0.put("a")
      _ = $0.put("h", kind: 0x11)
      _ = $0.put("t", digits: 8, properties: 0x02)
    }
    let answer = fields(host.apdu(0xA4, p2: 1, field(0x74, bigEndian(Self.step))).data)
    #expect(answer.map(\.tag) == [0x71, 0x76, 0x71, 0x77, 0x71, 0x7C])
    #expect(answer[5].value == [8])
    #expect(host.calculate("h").code == "755224")
    let far = fields(host.apdu(0xA4, p2: 1, field(0x74, bigEndian(Self.step + 9))).data)
    #expect(far.map(\.tag) == [0x71, 0x77, 0x71, 0x77, 0x71, 0x7C])
  }

  @Test(
    "a client of YKOATH gets bare answers, and a word that YKOATH knows when the clock has no code")
  func bare() {
    var host = TestHost()
    _ = host.put("a")
    _ = host.put("h", kind: 0x11)
    let ask = field(0x71, "a") + field(0x74, [])
    #expect(host.apdu(0xA2, p2: 1, ask).status == 0x6982)
    #expect(host.apdu(0xA2, ask).status == 0x6982)
    let all = host.apdu(0xA4, p2: 1, field(0x74, bigEndian(Self.step)))
    #expect(all.status == 0x9000 && fields(all.data).map(\.tag) == [0x71, 0x77, 0x71, 0x77])
    #expect(fields(host.apdu(0xA2, p2: 1, field(0x71, "h") + field(0x74, [])).data).count == 1)

    #expect(host.reset() == 0x9000)
    host = self.host { _ = $0.put("a") }
    #expect(fields(host.apdu(0xA2, p2: 1, ask).data).map(\.tag) == [0x76])
    #expect(fields(host.apdu(0xA2, p2: 0, ask).data).map(\.tag) == [0x75])
    #expect(fields(host.apdu(0xA2, p2: 0x81, ask).data).map(\.tag) == [0x76, 0xD0, 0xD1])
    #expect(fields(host.apdu(0xA2, p2: 0x80, ask).data).map(\.tag) == [0x75, 0xD0, 0xD1])
    let far = field(0x71, "a") + field(0x74, bigEndian(Self.step + 9))
    #expect(host.apdu(0xA2, p2: 1, far).status == 0x6982)
    #expect(host.apdu(0xA2, p2: 0x81, far).status == 0x69F2)
    for form: UInt8 in [2, 0x40, 0x7F, 0x82, 0xFF] {
      #expect(host.apdu(0xA2, p2: form, ask).status == 0x6A86)
    }
  }

  /// YKOATH clients ask CALCULATE ALL with a step of 30 s, then CALCULATE for each credential of another
  /// period with a step of that period; one refusal ends their whole list.
  @Test(
    "whatever the host's clock, a code in CALCULATE ALL is one that CALCULATE would give as well")
  func followed() {
    let names = [
      "1/a", "7/b", "10/c", "15/d", "20/e", "29/f", "b", "31/g", "45/h", "60/i", "86400/j",
    ]
    var host = host { for name in names { _ = $0.put(name) } }
    var computed = 0
    for seconds in stride(from: -7200.0, through: 7200, by: 1) where Int(seconds) % 7 == 0 {
      let hostTime = newYear + 5 + Int64(seconds)
      let answer = host.apdu(0xA4, p2: 1, field(0x74, bigEndian(UInt64(hostTime / 30))))
      #expect(answer.status == 0x9000)
      let list = fields(answer.data)
      #expect(list.count == 2 * names.count)
      for (name, code) in zip(list, list.dropFirst()) where code.tag == 0x76 {
        let bytes = name.value
        let period = CredentialName.period(of: bytes.span).rawValue
        let text = String(decoding: bytes, as: UTF8.self)
        let follow = host.apdu(
          0xA2, p2: 1, field(0x71, text) + field(0x74, bigEndian(UInt64(hostTime / period))))
        #expect(follow.status == 0x9000, "\(text) with the host \(seconds) s off")
        computed += 1
      }
    }
    #expect(computed > 1000)
  }

  @Test("in step with the host, CALCULATE ALL gives the codes of all periods from 15 s on")
  func allPeriods() {
    var host = host { for name in ["a", "15/b", "60/c", "86400/d"] { _ = $0.put(name) } }
    let answer = fields(host.apdu(0xA4, p2: 1, field(0x74, bigEndian(Self.step))).data)
    #expect(answer.map(\.tag) == [0x71, 0x76, 0x71, 0x76, 0x71, 0x76, 0x71, 0x76])
    for (name, index) in [("15/b", 3), ("60/c", 5), ("86400/d", 7)] {
      let own = host.apdu(0xA2, p2: 1, field(0x71, name) + field(0x74, []))
      #expect(answer[index].value == value(of: 0x76, in: own.data))
    }
  }

  @Test("the full response is the whole HMAC, and truncates to the code")
  func fullResponse() throws {
    for (kind, size) in [(UInt8(0x21), 20), (0x22, 32), (0x23, 64)] {
      var host = host { _ = $0.put("a", kind: kind) }
      let answer = host.apdu(0xA2, p2: 0, field(0x71, "a") + field(0x74, bigEndian(Self.step)))
      let full = try #require(value(of: 0x75, in: answer.data))
      #expect(full.count == 1 + size && full[0] == 6)
      let offset = 1 + Int(full[size] & 0x0F)
      let truncated = (number(Array(full[offset..<offset + 4])) ?? 0) & 0x7FFF_FFFF
      let code = String(truncated % 1_000_000)
      #expect(host.calculate("a").code?.hasSuffix(code) == true)
    }
  }

  @Test("a credential with touch waits for the button, shows keep-alives, and answers when pressed")
  func touch() {
    var host = host { _ = $0.put("t", properties: 0x02) }
    let request = field(0x71, "t") + field(0x74, [])
    #expect(host.begin(0xA2, p2: 1, request) == [])
    let indication = host.token.board.indication
    #expect(indication == .wantsTouch)
    host.token.poll()
    #expect(host.messages().first?.command == 0x3B)
    #expect(host.transact(0x01, [1]).first?.payload == [0x06])  // The channel is busy.
    host.token.board.isPressed = true
    host.token.poll()
    let answer = TestHost.response(in: host.messages())
    #expect(answer.status == 0x9000 && TestHost.code(in: answer.data) != nil)
    let calm = host.token.board.indication
    #expect(calm == .idle)
  }

  @Test("a button that is held down from before does not count until it is let go")
  func heldButton() {
    var host = host { _ = $0.put("t", properties: 0x02) }
    host.token.board.isPressed = true
    _ = host.begin(0xA2, p2: 1, field(0x71, "t") + field(0x74, []))
    host.token.poll()
    #expect(TestHost.response(in: host.messages()).status == 0)
    host.token.board.isPressed = false
    host.token.poll()
    host.token.board.isPressed = true
    host.token.poll()
    #expect(TestHost.response(in: host.messages()).status == 0x9000)
  }

  @Test("no touch within 15 s is refused, and CANCEL ends the wait at once")
  func noTouch() {
    var host = host { _ = $0.put("t", properties: 0x02) }
    let request = field(0x71, "t") + field(0x74, [])
    _ = host.begin(0xA2, p2: 1, request)
    host.token.board.pass(seconds: 14.9)
    host.token.poll()
    #expect(TestHost.response(in: host.messages()).status == 0)
    host.token.board.pass(seconds: 0.2)
    host.token.poll()
    #expect(TestHost.response(in: host.messages()).status == 0x6982)

    _ = host.begin(0xA2, p2: 1, request)
    #expect(TestHost.response(in: host.transact(0x11, [])).status == 0x6400)
    #expect(host.transact(0x01, [1]).first?.payload == [1])
  }

  @Test("INIT while the button is awaited abandons the command without an answer")
  func abandonedTouch() {
    var host = host { _ = $0.put("t", properties: 0x02) }
    _ = host.begin(0xA2, p2: 1, field(0x71, "t") + field(0x74, []))
    let answers = host.transact(0x06, [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(answers.map(\.command) == [0x06])
    host.token.board.isPressed = true
    host.token.poll()
    #expect(host.messages() == [])
  }
}
