import Testing

@testable import VirtualCard

@Suite("What passes between a reader and a card")
struct ReaderRequestTests {
  @Test("the ATR's check byte makes the exclusive or of all after the first zero")
  func checkByte() {
    #expect(AnswerToReset.bytes.dropFirst().reduce(0, ^) == 0)
  }

  @Test(
    "the ATR offers both protocols, has the historical bytes that it says, and no interface byte")
  func format() {
    let bytes = AnswerToReset.bytes
    #expect(bytes[0] == 0x3B)
    #expect(bytes[1] >> 4 == 8, "TD1 alone follows")
    #expect(bytes[2] == 0x80, "T=0, and TD2 alone follows")
    #expect(bytes[3] == 0x01, "T=1, and nothing follows")
    #expect(bytes.count == 4 + Int(bytes[1] & 0x0F) + 1)
  }

  @Test("frames come out as they went in, whatever the pieces they come in")
  func pieces() {
    for seed in 0..<200 as Range<UInt64> {
      var random = Seed(seed)
      let payloads = (0..<Int.random(in: 1...8, using: &random)).map { _ in
        let count = [0, 1, 2, 5, 255, 256, 4_000].randomElement(using: &random)!
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      }
      var rest = payloads.flatMap(ReaderRequest.frame)
      var input: [UInt8] = []
      var requests: [ReaderRequest] = []
      while !rest.isEmpty {
        let count = Int.random(in: 1...min(rest.count, 600), using: &random)
        input += rest.prefix(count)
        rest.removeFirst(count)
        while let request = ReaderRequest.take(from: &input) { requests.append(request) }
      }
      #expect(input.isEmpty, "repeat with: seed \(seed)")
      let expected = payloads.map { payload in
        if payload.count == 1, let control = ReaderControl(rawValue: payload[0]) {
          return ReaderRequest.control(control)
        }
        return ReaderRequest.command(payload)
      }
      #expect(requests == expected, "repeat with: seed \(seed)")
    }
  }

  @Test("a frame that is not there in full stays where it is")
  func unfinished() {
    let frame = ReaderRequest.frame([0, 0xA1, 0, 0])
    for count in 0..<frame.count {
      var input = Array(frame.prefix(count))
      #expect(ReaderRequest.take(from: &input) == nil)
      #expect(input == Array(frame.prefix(count)))
      #expect(!ReaderRequest.isWhole(in: input))
    }
  }

  @Test("the longest frame that there can be is a command")
  func longest() {
    let payload = [UInt8](repeating: 0, count: 65_535)
    var input = ReaderRequest.frame(payload) + [7]
    #expect(ReaderRequest.take(from: &input) == .command(payload))
    #expect(input == [7])
  }
}
