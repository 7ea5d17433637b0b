import Testing
import TokenCore

@Suite("The door for a card reader")
struct CardTests {
  func fetch(_ host: inout TestHost) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: Token<TestBoard>.largestCardResponse)
    var span = bytes.mutableSpan
    guard let count = host.token.fetchResponse(into: &span) else { return nil }
    return Array(bytes.prefix(count))
  }

  func exchange(_ host: inout TestHost, _ apdu: [UInt8]) -> [UInt8]? {
    guard host.token.receive(apdu: apdu.span) else { return nil }
    return fetch(&host)
  }

  func whole(_ answer: [UInt8]?) throws -> [UInt8] { try #require(answer) }

  func host(credentials: Int) -> TestHost {
    var host = TestHost()
    _ = host.syncClock(to: Double(newYear))
    for index in 0..<credentials { _ = host.put("\(index)".padding(to: 64)) }
    return host
  }

  @Test("the status word stands behind the data")
  func order() throws {
    var host = host(credentials: 0)
    let select: [UInt8] = [0, 0xA4, 4, 0, 7, 0xA0, 0, 0, 5, 0x27, 0x21, 1]
    let answer = try whole(exchange(&host, select))
    #expect(answer.prefix(5) == [0x79, 3, 5, 4, 3])
    #expect(answer.suffix(2) == [0x90, 0x00])
    #expect(exchange(&host, [0, 0xA4, 4, 0, 5, 0xA0, 0, 0, 3, 8]) == [0x6A, 0x82])
  }

  @Test("a long response to a short APDU comes in pieces of 256 bytes, which make up the whole")
  func pieces() throws {
    var host = host(credentials: 20)
    let all = try whole(exchange(&host, [0, 0xA1, 0, 0, 0, 0, 0]))
    #expect(all.count > 1000 && all.suffix(2) == [0x90, 0x00])
    var answer = try whole(exchange(&host, [0, 0xA1, 0, 0]))
    var joined: [UInt8] = []
    while answer[answer.count - 2] == 0x61 {
      #expect(answer.count == 258)
      let left = all.count - 2 - joined.count - 256
      #expect(answer.last == UInt8(truncatingIfNeeded: min(left, 256)))
      joined += answer.dropLast(2)
      answer = try whole(exchange(&host, [0, 0xA5, 0, 0]))
    }
    #expect(joined + answer == all)
    #expect(exchange(&host, [0, 0xA5, 0, 0]) == [0x69, 0x85])
  }

  @Test(
    "HID channels are told busy while the card waits for the button, and the card while they do")
  func twoDoors() throws {
    var host = host(credentials: 0)
    _ = host.put("t", properties: 0x02)
    let calculate: [UInt8] = [0, 0xA2, 0, 1, 5, 0x71, 1, UInt8(ascii: "t"), 0x74, 0]
    let isAccepted = host.token.receive(apdu: calculate.span)
    #expect(isAccepted)
    #expect(fetch(&host) == nil)
    #expect(host.transact(0x01, [1]).first?.payload == [0x06])
    host.token.board.isPressed = true
    host.token.poll()
    host.token.board.isPressed = false
    let answer = try whole(fetch(&host))
    #expect(answer.first == 0x76 && answer.suffix(2) == [0x90, 0x00])
    #expect(host.transact(0x01, [1]).first?.payload == [1])

    _ = host.begin(0xA2, p2: 1, field(0x71, "t") + field(0x74, []))
    let isTaken = host.token.receive(apdu: calculate.span)
    #expect(!isTaken)
    _ = host.transact(0x11, [])
  }

  @Test("a reset of the card ends what it waited for, and its validation")
  func reset() throws {
    var host = host(credentials: 0)
    _ = host.put("t", properties: 0x02)
    _ = host.token.receive(
      apdu: ([0, 0xA2, 0, 1, 5, 0x71, 1, UInt8(ascii: "t"), 0x74, 0] as [UInt8]).span)
    host.token.resetCard()
    #expect(fetch(&host) == nil)
    #expect(host.transact(0x01, [1]).first?.payload == [1])
    #expect(exchange(&host, [0, 0xA1, 0, 0])?.suffix(2) == [0x90, 0x00])
  }

  @Test("a response that the card does not fetch gives way to the HID channels after half a second")
  func unfetched() {
    var host = host(credentials: 20)
    _ = exchange(&host, [0, 0xA1, 0, 0])
    #expect(host.transact(0x01, [1]).first?.payload == [0x06])
    host.token.board.pass(seconds: 0.6)
    #expect(host.transact(0x01, [1]).first?.payload == [1])
  }

  @Test(
    "a command that waits for the button ends with the card's next command, unanswered and undone")
  func nextCommand() throws {
    var host = host(credentials: 0)
    _ = host.put("h", kind: 0x11, properties: 0x02)
    let calculate: [UInt8] = [0, 0xA2, 0, 1, 5, 0x71, 1, UInt8(ascii: "h"), 0x74, 0]
    _ = host.token.receive(apdu: calculate.span)
    #expect(exchange(&host, [0, 0x5C, 0, 0])?.suffix(2) == [0x90, 0x00])
    host.token.board.isPressed = true
    host.token.poll()
    host.token.board.isPressed = false
    #expect(fetch(&host) == nil)
    #expect(host.press(0xA2, p2: 1, field(0x71, "h") + field(0x74, [])).status == 0x9000)
  }

  @Test("while a channel holds the LOCK the card waits, and RESET over the card needs no button")
  func lock() throws {
    var host = host(credentials: 1)
    #expect(host.transact(0x04, [5]).first?.command == 0x04)
    #expect(exchange(&host, [0, 0xA1, 0, 0]) == nil)
    host.token.board.pass(seconds: 5)
    #expect(exchange(&host, [0, 0xA1, 0, 0])?.suffix(2) == [0x90, 0x00])
    #expect(exchange(&host, [0, 0x04, 0xDE, 0xAD]) == [0x90, 0x00])
    #expect(host.names() == [])
  }

  @Test("SELECT takes the application's identifier of 7 bytes and of 8, and no other")
  func identifiers() {
    var host = host(credentials: 0)
    let whole: [UInt8] = [0xA0, 0, 0, 5, 0x27, 0x21, 1, 1]
    for count in 0...8 {
      let status = host.apdu(0xA4, p1: 4, Array(whole.prefix(count))).status
      #expect(status == (count >= 7 ? 0x9000 : 0x6A82))
    }
    for other in [whole.dropLast() + [2], whole + [1], whole.dropFirst() + [0]] {
      #expect(host.apdu(0xA4, p1: 4, Array(other)).status == 0x6A82)
    }
  }
}
