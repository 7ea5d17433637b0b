import Testing
import TokenCore

@Suite("Setting the clock by force, and after it was lost")
struct ClockPolicyTests {
  static let start = Double(newYear)

  func policy(_ host: inout TestHost) -> [UInt8]? {
    value(of: 0xDF, in: host.apdu(0x50).data)
  }

  func force(_ host: inout TestHost, to seconds: Double) -> UInt16 {
    host.apdu(
      0x52,
      field(0xD0, bigEndian(Int64(seconds * 1e6))) + field(0xD1, bigEndian(Int64(10_000)))
    ).status
  }

  func wiping() -> TestHost {
    var host = TestHost()
    _ = host.syncClock(to: Self.start)
    #expect(host.apdu(0x53, field(0xDF, [1])).status == 0x9000)
    _ = host.put("a")
    return host
  }

  @Test("the policy is 'refuse', and force gets nowhere under it")
  func usual() {
    var host = TestHost()
    _ = host.syncClock(to: Self.start)
    _ = host.put("a")
    #expect(policy(&host) == [0])
    #expect(force(&host, to: Self.start + 1e6) == 0x69F4)
    #expect(host.names() == ["a"])
  }

  @Test("under 'wipe' a forced time finds no secret any more, nor does one under the access key")
  func wipes() {
    for withKey in [false, true] {
      var host = wiping()
      if withKey {
        _ = AccessKeyTests.setKey(&host)
        host.replug()
      }
      #expect(policy(&host) == [1])
      #expect(force(&host, to: Self.start + 1e6) == 0x9000)
      #expect(host.names() == [])
      #expect(host.calculate("a").status == 0x6984)
      #expect(policy(&host) == [0])
      let time = number(value(of: 0xD0, in: host.apdu(0x50).data)) ?? 0
      #expect(abs(Double(time) / 1e6 - Self.start - 1e6) < 1)
    }
  }

  @Test("'wipe' lasts over a restart, and stays while there are credentials")
  func lasting() {
    var host = wiping()
    host.replug()
    #expect(policy(&host) == [1])
    #expect(host.apdu(0x53, field(0xDF, [0])).status == 0x6985)
    #expect(host.apdu(0x02, field(0x71, "a")).status == 0x9000)
    #expect(host.apdu(0x53, field(0xDF, [0])).status == 0x9000)
    #expect(policy(&host) == [0])
    for bad in [[], [2], [1, 1]] as [[UInt8]] {
      #expect(host.apdu(0x53, field(0xDF, bad)).status == 0x6A80)
    }
  }

  @Test("a token with an access key is told its policy only by those who know it")
  func locked() {
    var host = TestHost()
    _ = AccessKeyTests.setKey(&host)
    host.replug()
    #expect(host.apdu(0x53, field(0xDF, [1])).status == 0x6982)
    _ = AccessKeyTests.validate(&host)
    #expect(host.apdu(0x53, field(0xDF, [1])).status == 0x9000)
  }

  @Test("the power cut at any flash operation of a forced time, and at any of the recovery")
  func powerCuts() {
    let before = wiping().token.board
    var operations = 0
    while true {
      var board = before
      board.flashBudget = operations
      var host = TestHost(board)
      _ = force(&host, to: Self.start + 1e6)
      let isThrough = host.token.board.flashBudget ?? 0 > 0
      for again in 0..<12 {
        var board = host.token.board
        board.flashBudget = again
        var second = TestHost(board)
        board = second.token.board
        board.flashBudget = nil
        second = TestHost(board)
        let time = number(value(of: 0xD0, in: second.apdu(0x50).data)).map { Double($0) / 1e6 }
        let isSet = time.map { $0 > Self.start + 1e5 } ?? false
        // A clock that was set forward, and a secret to harvest: never both.
        #expect(
          !(isSet && second.names() == ["a"]), "repeat with: cut \(operations), then \(again)")
        if isSet { #expect(second.calculate("a").status == 0x6984) }
      }
      if isThrough { break }
      operations += 1
    }
    #expect(operations > 4)
  }

  @Test("a clock that was lost is not set before the last time that it gave a code for")
  func lastTime() {
    var host = TestHost()
    _ = AccessKeyTests.setKey(&host)
    _ = AccessKeyTests.validate(&host)
    _ = host.syncClock(to: Self.start)
    _ = host.put("a", properties: nil)
    host.token.board.pass(seconds: 5 * 3600)
    _ = AccessKeyTests.validate(&host)
    #expect(host.calculate("a").code != nil)
    host.replug { $0.tickEpoch = TickEpoch(rawValue: 9) }
    let clock = ClockTests()
    #expect(clock.set(&host, to: Self.start + 3 * 3600) == 0x69F5)
    #expect(value(of: 0xD2, in: host.apdu(0x50).data) == [2])
    #expect(clock.set(&host, to: Self.start + 5 * 3600 + 1) == 0x9000)
    // Not even once it runs again, and not over another restart.
    #expect(clock.set(&host, to: Self.start) == 0x69F5)
    #expect(clock.set(&host, to: Self.start + 9 * 3600) == 0x9000)
    #expect(clock.set(&host, to: Self.start + 5 * 3600 + 1) == 0x9000)
    host.replug()
    #expect(clock.set(&host, to: Self.start) == 0x69F5)
    #expect(host.reset() == 0x9000)
    #expect(host.syncClock(to: Self.start) == 0x9000)
  }

  @Test("a clock that was never lost comes back from 2099 by the key, also if it is lost later")
  func backFromTheFuture() {
    var host = TestHost()
    _ = AccessKeyTests.setKey(&host)
    _ = AccessKeyTests.validate(&host)
    _ = host.syncClock(to: Self.start)
    _ = host.put("a")
    let clock = ClockTests()
    #expect(clock.set(&host, to: 4_070_908_800) == 0x9000)
    #expect(host.calculate("a").code != nil)
    #expect(clock.set(&host, to: Self.start + 60) == 0x9000)
    host.replug { $0.tickEpoch = TickEpoch(rawValue: 9) }
    #expect(clock.set(&host, to: Self.start + 120) == 0x9000)
    #expect(clock.set(&host, to: Self.start) == 0x69F5)
  }

  @Test("hosts that sync all day, and codes all day, cost the flash no more than a write an hour")
  func wear() {
    var host = TestHost()
    _ = host.syncClock(to: Self.start)
    _ = host.put("a")
    let before = host.token.board.programs
    for minute in 1...600 {
      host.token.board.pass(seconds: 60)
      _ = host.syncClock(to: Self.start + Double(minute) * 60, uncertainty: 0.01)
      #expect(host.calculate("a").code != nil)
    }
    // A write is six programs at most, with what marks it begun and committed and voids the old.
    #expect(host.token.board.programs - before < 2 * 11 * 8)
  }

  @Test("what was learned survives a restart")
  func learnedOverRestart() {
    var host = TestHost()
    _ = host.syncClock(to: Self.start, uncertainty: 0.01)
    _ = host.put("a")
    // A crystal that is 10 ppm slow.
    for day in 1...20 {
      host.token.board.pass(seconds: 86_400 * (1 - 10e-6))
      #expect(host.syncClock(to: Self.start + Double(day) * 86_400, uncertainty: 0.01) == 0x9000)
    }
    let before = host.apdu(0x50).data
    host.replug(afterSeconds: 10 * 86_400 * (1 - 10e-6))
    let after = host.apdu(0x50).data
    #expect(value(of: 0xD5, in: after) == value(of: 0xD5, in: before))
    let time = number(value(of: 0xD0, in: after)).map { Double($0) / 1e6 } ?? 0
    #expect(abs(time - Self.start - 30 * 86_400) < 0.2)
    let bound = number(value(of: 0xD1, in: after)).map { Double($0) / 1e6 } ?? .nan
    #expect(bound < 10 && bound > 0.2)
  }
}
