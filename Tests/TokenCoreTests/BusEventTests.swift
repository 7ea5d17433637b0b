import Testing
import TokenCore

/// What `Token.busChanged()` leaves, and what it does not.
@Suite("A bus event")
struct BusEventTests {
  private func host() -> TestHost {
    var host = TestHost()
    _ = host.syncClock(to: Double(newYear))
    _ = host.put("a")
    return host
  }

  @Test("ends what was proved on every channel, and the nonces of their SELECTs")
  func proofs() {
    var host = host()
    _ = AccessKeyTests.setKey(&host)
    let other = host.allocateChannel()
    for channel in [host.channel, other] {
      #expect(AccessKeyTests.validate(&host, on: channel) == 0x9000)
      #expect(host.apdu(0xA1, on: channel).status == 0x9000)
    }
    host.token.busChanged()
    for channel in [host.channel, other] {
      #expect(host.apdu(0xA1, on: channel).status == 0x6982)
    }
    let nonce = value(of: 0x74, in: host.apdu(0xA4, p1: 4, AccessKeyTests.application).data) ?? []
    host.token.busChanged()
    let proof = field(0x75, AccessKeyTests.hmac(nonce)) + field(0x74, nonce)
    #expect(host.apdu(0xA3, proof).status == 0x6985)
    #expect(AccessKeyTests.validate(&host) == 0x9000)
  }

  @Test("ends a PIN's proof")
  func pin() {
    var host = LockState.pin.host()
    #expect(host.verify() == 0x9000)
    #expect(host.calculate("a").status == 0x9000)
    host.token.busChanged()
    #expect(host.calculate("a").status == 0x6982)
  }

  @Test("drops a staged update, and the old secret stays")
  func staged() {
    var host = host()
    let old = host.calculate("a").code
    #expect(host.put("a", key: [1, 2, 3, 4, 5, 6, 7, 8], instruction: 0x54) == 0x9000)
    host.token.busChanged()
    #expect(host.apdu(0x55, field(0x71, "a")).status == 0x6985)
    #expect(host.calculate("a").code == old)
  }

  @Test("releases LOCK")
  func lock() {
    var host = host()
    let other = host.allocateChannel()
    #expect(host.transact(0x04, [10]).first?.command == 0x04)
    #expect(host.transact(0x01, [1], on: other).first?.payload == [0x06])
    host.token.busChanged()
    #expect(host.transact(0x01, [1], on: other).first?.payload == [1])
    let isWaiting = host.token.isWaiting
    #expect(!isWaiting)
  }

  @Test("drops a half-received message; the next host is served at once, and hears nothing of it")
  func halfMessage() {
    var host = host()
    let packets = TestHost.packets(host.channel, 0x01, [UInt8](repeating: 7, count: 200))
    for packet in packets.dropLast() { host.send(packet) }
    host.token.busChanged()
    let isWaiting = host.token.isWaiting
    #expect(!isWaiting)
    let other = host.allocateChannel()
    #expect(other != 0)
    #expect(host.transact(0x01, [1], on: other).map(\.payload) == [[1]])
    host.send(packets.last!)
    #expect(host.messages().isEmpty)
  }

  @Test("drops a response that is half fetched, and reports that nobody fetched")
  func halfResponse() {
    var host = host()
    for packet in TestHost.packets(host.channel, 0x01, [UInt8](repeating: 7, count: 200)) {
      host.send(packet)
    }
    #expect(host.fetch() != nil)
    host.send(TestHost.packets(0xFFFF_FFFF, 0x06, [UInt8](repeating: 1, count: 8))[0])
    host.token.busChanged()
    #expect(host.fetch() == nil)
    #expect(host.transact(0x01, [1]).map(\.payload) == [[1]])
  }

  @Test("abandons a command that waits for the button: a later press computes nothing")
  func button() {
    var host = host()
    _ = host.put("t", properties: 0x02)
    _ = host.begin(0xA2, p2: 1, field(0x71, "t") + field(0x74, []))
    let waited = host.token.wantsTouch
    host.token.busChanged()
    let waits = host.token.wantsTouch
    let indication = host.token.board.indication
    #expect(waited && !waits && indication == .idle)
    host.token.board.isPressed = true
    host.token.poll()
    #expect(host.messages().isEmpty)
  }

  @Test(
    "leaves the channels' numbers, the clock, the credentials, and what passes at the card's door")
  func stays() {
    var host = host()
    _ = host.put("t", properties: 0x02)
    let calculate: [UInt8] = [0, 0xA2, 0, 1, 5, 0x71, 1, UInt8(ascii: "t"), 0x74, 0]
    let isAccepted = host.token.receive(apdu: calculate.span)
    host.token.busChanged()
    let waits = host.token.wantsTouch
    #expect(isAccepted && waits)
    host.token.board.isPressed = true
    host.token.poll()
    var bytes = [UInt8](repeating: 0, count: 258)
    var span = bytes.mutableSpan
    let count = host.token.fetchResponse(into: &span) ?? 0
    #expect(count > 2 && bytes[count - 2] == 0x90)
    #expect(host.calculate("a").status == 0x9000)
  }
}
