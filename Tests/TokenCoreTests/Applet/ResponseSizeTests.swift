import Testing
import TokenCore

/// A full token of the largest credentials, asked for everything.
@Suite("The largest responses")
struct ResponseSizeTests {
  /// 64 credentials with names of 64 bytes, SHA-512 and keys of 128 bytes, 16 recovery codes of 24 bytes for
  /// the first; the clock runs.
  private func full() -> TestHost {
    var host = TestHost(TestBoard(sectorCount: 64))
    _ = host.syncClock(to: Double(newYear))
    for index in 0..<AppletLimits.credentials {
      let key = (0..<128).map { UInt8(truncatingIfNeeded: $0 &+ index) }
      let status = host.put(name(index), kind: 0x23, digits: 10, key: key)
      #expect(status == 0x9000)
    }
    var codes = field(0x71, name(0))
    for _ in 0..<16 { codes += field(0xD8, String(repeating: "c", count: 24)) }
    #expect(host.apdu(0x58, codes).status == 0x9000)
    return host
  }

  private func name(_ index: Int) -> String { "\(index)".padding(to: 64) }

  @Test("every command with every P2 is answered over HID, and the token lives on")
  func overHID() {
    var host = full()
    let name = field(0x71, name(0))
    let step = field(0x74, bigEndian(UInt64(newYear / 30)))
    let unknown: [UInt8] = [0x00, 0x5D, 0x5F, 0xC0, 0xFF]
    let known = (UInt8.min...UInt8.max).filter { Instruction(rawValue: $0) != nil }
    for instruction in known + unknown where instruction != 0x04 && instruction != 0x02 {
      for p1 in [0, 4] as [UInt8] {
        for p2 in UInt8.min...UInt8.max {
          for data in [[], name, step, name + step] {
            // What asks for the button is not answered until it was pressed.
            _ = host.press(instruction, p1: p1, p2: p2, data)
          }
        }
      }
    }
    // A PIN may have been set on the way, but nothing was put or deleted.
    #expect(host.apdu(0x5C).data.contains(64))
  }

  @Test("full HMACs of all do not fit a message of HID, which is said; codes of all do")
  func doesNotFit() {
    var host = full()
    let step = field(0x74, bigEndian(UInt64(newYear / 30)))
    for form: UInt8 in [0x00, 0x80] { #expect(host.apdu(0xA4, p2: form, step).status == 0x6A84) }
    for form: UInt8 in [0x01, 0x81] {
      let answer = host.apdu(0xA4, p2: form, step)
      #expect(answer.status == 0x9000)
      #expect(fields(answer.data).count == 128 + (form == 0x81 ? 2 : 0))
    }
    #expect(host.apdu(0xA1).data.count == ResponseSize.list - 64)
    #expect(host.apdu(0xA1, [1]).data.count == ResponseSize.list)
    #expect(ResponseSize.list <= FramingLimits.messageSize - 2)
    #expect(ResponseSize.calculateAll > FramingLimits.messageSize - 2)
  }

  @Test("the card fetches all of them in pieces", arguments: [false, true])
  func overTheCard(isExtended: Bool) throws {
    var host = full()
    let card = CardTests()
    let step = field(0x74, bigEndian(UInt64(newYear / 30)))
    for form: UInt8 in [0x00, 0x80] {
      let length: [UInt8] = isExtended ? [0, 0, UInt8(step.count)] : [UInt8(step.count)]
      let le: [UInt8] = isExtended ? [0, 0] : [0]
      var answer = try #require(card.exchange(&host, [0, 0xA4, 0, form] + length + step + le))
      var all: [UInt8] = []
      while answer[answer.count - 2] == 0x61 {
        all += answer.dropLast(2)
        answer = try #require(card.exchange(&host, [0, 0xA5, 0, 0]))
      }
      #expect(answer.suffix(2) == [0x90, 0x00])
      all += answer.dropLast(2)
      let found = fields(all)
      #expect(found.count == 128 + (form == 0x80 ? 2 : 0))
      #expect(all.count == ResponseSize.calculateAll - (form == 0x80 ? 0 : 20))
      for index in 0..<64 {
        #expect(found[2 * index].value == Array(name(index).utf8))
        let one = host.apdu(0xA2, field(0x71, name(index)) + step)
        #expect(value(of: 0x75, in: one.data) == found[2 * index + 1].value)
      }
    }
  }

  @Test("what is left of a long response is gone with the next command, and after half a second")
  func abandoned() throws {
    var host = full()
    let card = CardTests()
    let step = field(0x74, bigEndian(UInt64(newYear / 30)))
    let all: [UInt8] = [0, 0xA4, 0, 0, UInt8(step.count)] + step
    #expect(try #require(card.exchange(&host, all)).suffix(2).first == 0x61)
    #expect(card.exchange(&host, [0, 0x5C, 0, 0])?.suffix(2) == [0x90, 0x00])
    #expect(card.exchange(&host, [0, 0xA5, 0, 0]) == [0x69, 0x85])
    #expect(try #require(card.exchange(&host, all)).suffix(2).first == 0x61)
    host.token.board.pass(seconds: 1)
    host.token.poll()
    #expect(card.exchange(&host, [0, 0xA5, 0, 0]) == [0x69, 0x85])
  }
}
