import Testing

@Suite("Staged updates and recovery codes")
struct StagingTests {
  let new: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

  func host() -> TestHost {
    var host = TestHost()
    _ = host.syncClock(to: Double(newYear))
    _ = host.put("a")
    return host
  }

  func stagedCode(_ host: inout TestHost, on channel: UInt32? = nil) -> (
    status: UInt16, code: String?
  ) {
    let answer = host.apdu(0x57, p2: 0x81, field(0x71, "a") + field(0x74, []), on: channel)
    return (answer.status, TestHost.code(in: answer.data))
  }

  func left(_ host: inout TestHost) -> [UInt8]? {
    value(of: 0xD9, in: host.apdu(0x5A, field(0x71, "a")).data)
  }

  @Test(
    "until COMMIT the old secret gives the code; after it the new one does, also after a restart")
  func commit() {
    var host = host()
    let old = host.calculate("a").code
    #expect(host.put("a", key: new, instruction: 0x54) == 0x9000)
    let staged = stagedCode(&host).code
    #expect(staged != nil && staged != old)
    #expect(host.calculate("a").code == old)
    #expect(host.apdu(0x55, field(0x71, "a")).status == 0x9000)
    #expect(host.calculate("a").code == staged)
    #expect(host.apdu(0x55, field(0x71, "a")).status == 0x6985)
    host.replug()
    #expect(host.calculate("a").code == staged)
  }

  @Test("ROLL BACK, a lost cable, INIT, RESET, ten minutes: each leaves the old secret")
  func rollBack() {
    let ends: [(String, (inout TestHost) -> Void)] = [
      ("ROLL BACK", { _ = $0.apdu(0x56) }),
      ("a lost cable", { $0.replug() }),
      ("INIT on the channel", { _ = $0.transact(0x06, [UInt8](repeating: 3, count: 8)) }),
      ("ten minutes", { $0.token.board.pass(seconds: 601) }),
    ]
    for (name, end) in ends {
      var host = host()
      let old = host.calculate("a", step: UInt64(newYear / 30)).code
      _ = host.put("a", key: new, instruction: 0x54)
      end(&host)
      #expect(stagedCode(&host).status == 0x6985, "\(name)")
      #expect(host.apdu(0x55, field(0x71, "a")).status == 0x6985, "\(name)")
      if name != "ten minutes" { #expect(host.calculate("a").code == old, "\(name)") }
    }
  }

  @Test("an update is staged only for a name that is there, and committed only by its channel")
  func ownership() {
    var host = host()
    #expect(host.put("b", key: new, instruction: 0x54) == 0x6984)
    _ = host.put("a", key: new, instruction: 0x54)
    let other = host.allocateChannel()
    #expect(stagedCode(&host, on: other).status == 0x6985)
    #expect(host.apdu(0x55, field(0x71, "a"), on: other).status == 0x6985)
    #expect(host.apdu(0x55, field(0x71, "b")).status == 0x6985)
    #expect(value(of: 0xDE, in: host.apdu(0x5C).data) == Array("a".utf8))
    #expect(host.apdu(0x55, field(0x71, "a")).status == 0x9000)
    #expect(value(of: 0xDE, in: host.apdu(0x5C).data) == nil)
  }

  @Test("DELETE, RENAME and PUT of the credential drop its staged update")
  func superseded() {
    let ends: [(inout TestHost) -> Void] = [
      { _ = $0.apdu(0x02, field(0x71, "a")) },
      { _ = $0.apdu(0x05, field(0x71, "a") + field(0x71, "b")) },
      { _ = $0.put("a", key: [5]) },
    ]
    for end in ends {
      var host = host()
      _ = host.put("a", key: new, instruction: 0x54)
      end(&host)
      #expect(value(of: 0xDE, in: host.apdu(0x5C).data) == nil)
    }
  }

  @Test("a staged HOTP secret goes on counting where its shown code left off")
  func stagedCounter() {
    var host = TestHost()
    _ = host.put("a", kind: 0x11, key: new)
    _ = host.put("a", kind: 0x11, instruction: 0x54)
    #expect(stagedCode(&host).code == "755224")
    _ = host.apdu(0x55, field(0x71, "a"))
    #expect(host.calculate("a").code == "287082")
  }

  @Test("recovery codes come out one by one, in order, each once, also over restarts")
  func takeOneByOne() {
    var host = host()
    let codes = (1...10).map { "code-\($0)" }
    let stored = host.apdu(0x58, codes.reduce(field(0x71, "a")) { $0 + field(0xD8, $1) })
    #expect(stored.status == 0x9000)
    for (index, code) in codes.enumerated() {
      #expect(left(&host) == [UInt8(10 - index), 10])
      let answer = host.apdu(0x59, field(0x71, "a"))
      #expect(value(of: 0xD8, in: answer.data) == Array(code.utf8))
      #expect(value(of: 0xD9, in: answer.data) == [UInt8(9 - index), 10])
      host.replug()
    }
    #expect(host.apdu(0x59, field(0x71, "a")).status == 0x6984)
    #expect(left(&host) == [0, 10])
  }

  @Test(
    "16 codes of 24 bytes fit; a 17th, a 25th byte or a control character is refused, nothing changed"
  )
  func recoveryLimits() {
    var host = host()
    let longest = field(0xD8, "".padding(to: 24))
    let most = (0..<16).reduce(field(0x71, "a")) { data, _ in data + longest }
    #expect(host.apdu(0x58, most).status == 0x9000)
    #expect(host.apdu(0x58, most + field(0xD8, "x")).status == 0x6A84)
    #expect(host.apdu(0x58, field(0x71, "a") + field(0xD8, "".padding(to: 25))).status == 0x6A80)
    #expect(host.apdu(0x58, field(0x71, "a") + field(0xD8, [])).status == 0x6A80)
    #expect(host.apdu(0x58, field(0x71, "a") + field(0xD8, [0x07])).status == 0x6A80)
    #expect(left(&host) == [16, 16])
    #expect(host.apdu(0x58, field(0x71, "a")).status == 0x9000)
    #expect(left(&host) == [0, 0])
  }

  @Test("recovery codes go with their secret: on COMMIT, on PUT and on DELETE, but not on RENAME")
  func recoveryCodesGo() {
    func host() -> TestHost {
      var host = self.host()
      _ = host.apdu(0x58, field(0x71, "a") + field(0xD8, "one"))
      return host
    }
    var committed = host()
    _ = committed.put("a", key: new, instruction: 0x54)
    #expect(left(&committed) == [1, 1])
    _ = committed.apdu(0x55, field(0x71, "a"))
    #expect(left(&committed) == [0, 0])

    var replaced = host()
    _ = replaced.put("a")
    #expect(left(&replaced) == [0, 0])

    var deleted = host()
    _ = deleted.apdu(0x02, field(0x71, "a"))
    _ = deleted.put("a")
    #expect(left(&deleted) == [0, 0])

    var renamed = host()
    _ = renamed.apdu(0x05, field(0x71, "a") + field(0x71, "b"))
    #expect(value(of: 0xD9, in: renamed.apdu(0x5A, field(0x71, "b")).data) == [1, 1])
  }

  @Test(
    "a recovery code of a credential with touch waits for the button, and is not spent without it")
  func recoveryTouch() {
    var host = TestHost()
    _ = host.put("a", properties: 0x02)
    _ = host.apdu(0x58, field(0x71, "a") + field(0xD8, "one"))
    #expect(host.begin(0x59, field(0x71, "a")) == [])
    _ = host.transact(0x11, [])
    #expect(left(&host) == [1, 1])
    _ = host.begin(0x59, field(0x71, "a"))
    host.token.board.isPressed = true
    host.token.poll()
    #expect(value(of: 0xD8, in: TestHost.response(in: host.messages()).data) == Array("one".utf8))
  }
}

/// What the flash does not take leaves everything as it was.
@Suite("A flash that fails")
struct FailedWriteTests {
  @Test("in PUT, DELETE and RENAME leaves the credential and the update that was staged")
  func staged() {
    let commands: [(String, (inout TestHost) -> UInt16)] = [
      ("PUT", { $0.put("a", key: [7, 7, 7, 7]) }),
      ("DELETE", { $0.apdu(0x02, field(0x71, "a")).status }),
      ("RENAME", { $0.rename("a", to: "b") }),
    ]
    for (name, command) in commands {
      var host = TestHost()
      _ = host.syncClock(to: Double(newYear))
      _ = host.put("a")
      let old = host.calculate("a").code
      #expect(host.put("a", key: Array("a new secret".utf8), instruction: 0x54) == 0x9000)
      host.token.board.flashBudget = 0
      #expect(command(&host) == 0x6581, "\(name)")
      host.token.board.flashBudget = nil
      #expect(host.calculate("a").code == old, "\(name)")
      #expect(host.apdu(0x55, field(0x71, "a")).status == 0x9000, "\(name)")
      #expect(host.calculate("a").code != old, "\(name)")
    }
  }
}
