import Testing

@Suite("Command APDUs")
struct CommandAPDUTests {
  @Test("every form of a command APDU is understood, and a wrong length refused")
  func forms() {
    var host = TestHost()
    func status(_ apdu: [UInt8]) -> UInt16 {
      TestHost.response(in: host.transact(0x70, apdu)).status
    }
    #expect(status([0, 0xA1, 0, 0]) == 0x9000)  // Case 1
    #expect(status([0, 0xA1, 0, 0, 0]) == 0x9000)  // Case 2, short
    #expect(status([0, 0xA1, 0, 0, 0, 0, 0]) == 0x9000)  // Case 2, extended
    #expect(status([0, 0xA1, 0, 0, 1, 1]) == 0x9000)  // Case 3, short
    #expect(status([0, 0xA1, 0, 0, 1, 1, 0]) == 0x9000)  // Case 4, short
    #expect(status([0, 0xA1, 0, 0, 0, 0, 1, 1]) == 0x9000)  // Case 3, extended
    #expect(status([0, 0xA1, 0, 0, 0, 0, 1, 1, 0, 0]) == 0x9000)  // Case 4, extended
    for bad: [UInt8] in [
      [], [0], [0, 0xA1, 0], [0, 0xA1, 0, 0, 2, 1], [0, 0xA1, 0, 0, 1, 1, 0, 0],
      [0, 0xA1, 0, 0, 0, 0],
      [0, 0xA1, 0, 0, 0, 0, 2, 1], [0, 0xA1, 0, 0, 0, 0, 0, 1], [0, 0xA1, 0, 0, 0, 0, 1, 1, 0],
    ] {
      #expect(status(bad) == 0x6700, "\(bad)")
    }
    #expect(status([0, 0xA1, 0, 0, 0, 2, 1] + [UInt8](repeating: 0, count: 513)) == 0x6700)
  }

  @Test("unknown classes, instructions and parameters have their own answers")
  func unknown() {
    var host = TestHost()
    #expect(TestHost.response(in: host.transact(0x70, [0x80, 0xA1, 0, 0])).status == 0x6E00)
    for instruction: UInt8 in [0x00, 0x06, 0xA0, 0xB1, 0xCB, 0xFF] {
      #expect(host.apdu(instruction).status == 0x6D00)
    }
    #expect(host.apdu(0xA1, p1: 1).status == 0x6A86)
    #expect(host.apdu(0xA2, p2: 2).status == 0x6A86)
    #expect(host.apdu(0xA4, p1: 3).status == 0x6A86)
    #expect(host.apdu(0xA4, p1: 4, [0xA0, 0, 0, 3, 8]).status == 0x6A82)
    #expect(host.apdu(0xA5).status == 0x6985)
  }
}
