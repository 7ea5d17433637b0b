import OATH
import Testing
import TokenCore

@Suite("Credentials")
struct CredentialTests {
  @Test("RFC 6238's key gives the RFC's code at the RFC's time")
  func rfc6238() {
    var host = TestHost()
    #expect(host.syncClock(to: 1_111_111_109) == 0x9000)
    #expect(host.put("a", digits: 8) == 0x9000)
    #expect(host.calculate("a").code == "07081804")
  }

  @Test("RFC 4226's key gives the RFC's codes, one after the other, also over a restart")
  func rfc4226() {
    var host = TestHost()
    #expect(host.put("h", kind: 0x11) == 0x9000)
    var codes: [String?] = []
    for round in 0..<10 {
      if round.isMultiple(of: 3) { host.replug() }
      codes.append(host.calculate("h").code)
    }
    #expect(
      codes == [
        "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
        "520489",
      ])
  }

  @Test("HOTP's first counter is taken from PUT")
  func firstCounter() {
    var host = TestHost()
    #expect(host.put("h", kind: 0x11, counter: 8) == 0x9000)
    #expect(host.calculate("h").code == "399871")
    #expect(host.calculate("h").code == "520489")
  }

  @Test("64 credentials fit, a 65th is refused, and the 64 are all there after a restart")
  func capacity() {
    var host = TestHost()
    _ = host.syncClock(to: Double(newYear))
    let names = (0..<64).map { "\($0)".padding(to: 64) }
    for name in names { #expect(host.put(name, key: [UInt8](repeating: 7, count: 64)) == 0x9000) }
    #expect(host.put("one more") == 0x6A84)
    host.replug()
    #expect(host.names() == names)
    #expect(host.apdu(0x02, field(0x71, names[10])).status == 0x9000)
    #expect(host.put("one more") == 0x9000)
  }

  @Test(
    "names and keys have 1 to 64 bytes, digits 6 to 10, and known kinds; the rest changes nothing")
  func limits() {
    var host = TestHost()
    #expect(host.put("") == 0x6A80)
    #expect(host.put("".padding(to: 65)) == 0x6A80)
    #expect(host.put("a", key: []) == 0x6A80)
    #expect(host.put("a", key: [UInt8](repeating: 1, count: 65)) == 0x6A80)
    for digits: UInt8 in [0, 5, 11, 255] { #expect(host.put("a", digits: digits) == 0x6A80) }
    for kind: UInt8 in [0x00, 0x20, 0x24, 0x01, 0x31, 0xFF] {
      #expect(host.put("a", kind: kind) == 0x6A80)
    }
    for bits: UInt8 in [0x04, 0x80, 0x06] { #expect(host.put("a", properties: bits) == 0x6A80) }
    #expect(host.names() == [])
    for digits: UInt8 in 6...10 { #expect(host.put("a\(digits)", digits: digits) == 0x9000) }
  }

  @Test("PUT replaces a credential of the same name, unless the host forbids it")
  func replacing() {
    var host = TestHost()
    _ = host.syncClock(to: Double(newYear))
    _ = host.put("a")
    let before = host.calculate("a").code
    #expect(host.put("a", key: [1, 2, 3], createOnly: true) == 0x6A89)
    #expect(host.calculate("a").code == before)
    #expect(host.put("a", key: [1, 2, 3]) == 0x9000)
    #expect(host.calculate("a").code != before)
    #expect(host.names() == ["a"])
  }

  @Test("RENAME keeps the code, and refuses a name that is taken or unknown")
  func renaming() {
    var host = TestHost()
    _ = host.syncClock(to: Double(newYear))
    _ = host.put("short")
    _ = host.put("other", key: [9])
    let code = host.calculate("short").code
    for (old, new) in [("short", "".padding(to: 64)), ("".padding(to: 64), "s")] {
      #expect(host.apdu(0x05, field(0x71, old) + field(0x71, new)).status == 0x9000)
      #expect(host.calculate(new).code == code)
      #expect(host.calculate(old).status == 0x6984)
    }
    #expect(host.apdu(0x05, field(0x71, "s") + field(0x71, "other")).status == 0x6A89)
    #expect(host.apdu(0x05, field(0x71, "gone") + field(0x71, "new")).status == 0x6984)
    #expect(Set(host.names()) == ["s", "other"])
  }

  @Test("DELETE of an unknown name is told so")
  func deleting() {
    var host = TestHost()
    #expect(host.apdu(0x02, field(0x71, "a")).status == 0x6984)
    _ = host.put("a")
    #expect(host.apdu(0x02, field(0x71, "a")).status == 0x9000)
    #expect(host.names() == [])
  }

  @Test("RESET leaves nothing, renews the identifier, and lets a running clock run")
  func reset() {
    var host = TestHost()
    _ = host.syncClock(to: Double(newYear))
    _ = host.put("a")
    let select: [UInt8] = [0xA0, 0, 0, 5, 0x27, 0x21, 1]
    let identifier = value(of: 0x71, in: host.apdu(0xA4, p1: 4, select).data)
    #expect(host.apdu(0x04, p1: 0xDE, p2: 0xAE).status == 0x6A86)
    #expect(host.names() == ["a"])
    #expect(host.reset() == 0x9000)
    #expect(host.names() == [])
    #expect(value(of: 0x71, in: host.apdu(0xA4, p1: 4, select).data) != identifier)
    #expect(value(of: 0xD2, in: host.apdu(0x50).data) == [1])
    host.replug()
    #expect(value(of: 0xD2, in: host.apdu(0x50).data) == [1])
    host.replug { $0.tickEpoch = .init(rawValue: 7) }
    #expect(value(of: 0xD2, in: host.apdu(0x50).data) == [2])
    #expect(host.reset() == 0x9000)
    #expect(value(of: 0xD2, in: host.apdu(0x50).data) == [0])
  }

  @Test("RESET waits for the button if anything is stored, and does nothing without a press")
  func resetNeedsTheButton() {
    let something: [(String, (inout TestHost) -> Void)] = [
      ("a credential", { _ = $0.put("a") }),
      ("a key", { _ = AccessKeyTests.setKey(&$0) }),
      ("a PIN", { _ = $0.press(0xB4, field(0x80, LockState.rightPIN)) }),
      ("a policy", { _ = $0.apdu(0x53, field(0xDF, [1])) }),
    ]
    for (what, store) in something {
      var host = TestHost()
      store(&host)
      let before = host.token.board.memory
      #expect(host.begin(0x04, p1: 0xDE, p2: 0xAD) == [], "\(what)")
      host.token.board.pass(seconds: 16)
      host.token.poll()
      #expect(TestHost.response(in: host.messages()).status == 0x6982, "\(what)")
      let isUntouched = host.token.board.memory == before
      #expect(isUntouched, "\(what)")
      #expect(host.reset() == 0x9000, "\(what)")
    }
    var empty = TestHost()
    #expect(empty.apdu(0x04, p1: 0xDE, p2: 0xAD).status == 0x9000)
  }

  @Test("RENAME keeps the period: another one would give the codes of another time")
  func renameKeepsPeriod() {
    var host = TestHost()
    _ = host.syncClock(to: Double(newYear))
    _ = host.put("Shop:ann")
    _ = host.put("60/b")
    _ = host.put("h", kind: 0x11)
    let code = host.calculate("Shop:ann").code
    for name in ["29/Shop:ann", "86400/Shop:ann", "1/x"] {
      #expect(host.rename("Shop:ann", to: name) == 0x6A80)
    }
    #expect(host.rename("60/b", to: "b") == 0x6A80)
    #expect(host.calculate("Shop:ann").code == code)
    #expect(host.rename("Shop:ann", to: "30/Shop:ann") == 0x9000)
    #expect(host.calculate("30/Shop:ann").code == code)
    #expect(host.rename("60/b", to: "60/c") == 0x9000)
    #expect(host.rename("h", to: "60/h") == 0x9000)
  }

  @Test("a key has as many bytes as a block of its hash, and is used as it is")
  func keySizes() {
    for (kind, size) in [(UInt8(0x21), 64), (0x22, 64), (0x23, 128)] {
      var host = TestHost()
      _ = host.syncClock(to: Double(newYear))
      let key = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
      #expect(host.put("a", kind: kind, key: key) == 0x9000)
      #expect(host.put("b", kind: kind, key: key + [1]) == 0x6A80)
      host.replug()
      let full = host.apdu(0xA2, field(0x71, "a") + field(0x74, [])).data
      let algorithm: HashAlgorithm = kind == 0x21 ? .sha1 : kind == 0x22 ? .sha256 : .sha512
      let oath = OATHKey(algorithm: algorithm, secret: key.span)
      var code = [UInt8](repeating: 0, count: 64)
      var span = code.mutableSpan
      let length = oath.authenticationCode(of: bigEndian(UInt64(newYear / 30)).span, into: &span)
      #expect(value(of: 0x75, in: full).map { Array($0.dropFirst()) } == Array(code.prefix(length)))
    }
  }

  @Test("foreign flash is left alone until a RESET, which makes it ours for good")
  func foreignFlash() {
    var board = TestBoard()
    for index in board.memory.indices { board.memory[index] = UInt8(truncatingIfNeeded: index) }
    let before = board.memory
    var host = TestHost(board)
    #expect(host.put("a") == 0x6581)
    #expect(host.apdu(0x5C).status == 0x9000)
    let after = host.token.board.memory
    #expect(after == before)
    #expect(host.reset() == 0x9000)
    #expect(host.put("a") == 0x9000)
    host.replug()
    #expect(host.names() == ["a"])
  }

  @Test("the period is in the name, and only a well-formed prefix counts")
  func periods() {
    let periods: [(String, Int64)] = [
      ("issuer:a", 30), ("60/issuer:a", 60), ("1/a", 1), ("86400/a", 86_400), ("86401/a", 30),
      ("0/a", 30), ("060/a", 30), ("60/", 30), ("60", 30), ("/a", 30), ("6x0/a", 30),
      ("9999999999999999999/a", 30),
    ]
    for (name, period) in periods {
      let bytes = Array(name.utf8)
      #expect(CredentialName.period(of: bytes.span).rawValue == period, "\(name)")
    }
  }

  @Test("without entropy nothing is put on the token")
  func noEntropy() {
    var host = TestHost()
    host.token.board.hasEntropy = false
    #expect(host.put("a") == 0x6F10)
    #expect(host.names() == [])
    let refusal = host.transact(0x06, [UInt8](repeating: 1, count: 8), on: 0xFFFF_FFFF)
    #expect(refusal == [Message(channel: 0xFFFF_FFFF, command: 0x3F, payload: [0x7F])])
  }

  @Test("any field of a PUT cut short, and anything after it, is refused and changes nothing")
  func malformedFields() {
    var host = TestHost()
    let whole =
      field(0x71, "name") + field(0x73, [0x21, 6] + rfcKey) + [0x78, 0x02]
      + field(0x7A, [0, 0, 0, 1])
    for length in 0..<whole.count {
      let status = host.apdu(0x01, Array(whole.prefix(length))).status
      // A PUT without its optional fields is whole as well.
      let isWhole = [28 + 2, 28 + 4].contains(length)
      #expect((status == 0x9000) == isWhole, "\(length) bytes")
    }
    _ = host.reset()
    #expect(host.apdu(0x01, whole + [0]).status == 0x6A80)
    #expect(host.names() == [])
    #expect(host.apdu(0x01, whole).status == 0x9000)
  }
}

extension TestHost {
  mutating func rename(_ old: String, to new: String) -> UInt16 {
    apdu(0x05, field(0x71, old) + field(0x71, new)).status
  }
}

extension String {
  func padding(to length: Int) -> String {
    self + String(repeating: "x", count: length - utf8.count)
  }
}
