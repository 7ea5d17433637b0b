import Testing
import TokenCore

/// What hosts that know no secret can do to a clock: Docs/protocol.md, section 6.
@Suite("Unauthenticated time")
struct UnauthenticatedTimeTests {
  private static let tolerance = 20e-6
  /// What a clock may be moved by at once, ever: 30 days of the tolerance.
  private static let most = 30 * 86_400 * tolerance

  private let clock = ClockTests()

  /// The token's time less the true one, in seconds, on a crystal that is exactly right.
  private func difference(_ host: inout TestHost) -> Double {
    let ticks = host.token.board.now.elapsed(since: TestBoard().now)
    let passed = Double(ticks) / Double(host.token.board.tickRate.ticksPerSecond)
    return clock.time(&host) - passed
  }

  @Test("one lie, and silence after it, moves the clock by twice what the crystal pays for at most")
  func oneLie() {
    let delays: [Double] = [0, 10, 3600, 7200, 86_400, 864_000, 2_592_000, 25_920_000]
    for delay in delays {
      let paid = min(Self.most, delay * Self.tolerance)
      for share in [0.1, 0.5, 0.9, 0.999, -0.5, -0.999] {
        for stated in [1e-6, 0.1, 0.25] {
          var host = clock.host()
          host.token.board.pass(seconds: delay)
          let own = clock.time(&host) + ClockTests.start
          _ = host.syncClock(to: own + share * paid, uncertainty: stated)
          _ = host.syncClock(to: own + 0.0999, uncertainty: stated)
          host.token.board.pass(seconds: 300 * 86_400)
          let moved = abs(difference(&host))
          #expect(moved <= 2 * paid + 0.01, "\(share * paid) s after \(delay) s: \(moved) s")
        }
      }
    }
  }

  @Test("what was learned in months of agreement counts for months alone")
  func longLearned() {
    var host = clock.host()
    // A crystal that is 15 ppm slow, and a host that is right each week for 120 days.
    let rate = 1 - 15e-6
    for week in 1...17 {
      host.token.board.pass(seconds: 7 * 86_400 * rate)
      let truth = ClockTests.start + Double(week) * 7 * 86_400
      #expect(host.syncClock(to: truth, uncertainty: 0.01) == 0x9000)
    }
    host.token.board.pass(seconds: 60 * 86_400 * rate)
    #expect(abs(clock.time(&host) - (17 * 7 + 60) * 86_400) < 1)
    #expect(host.calculate("a").status == 0x9000)
  }

  @Test("right after the clock was set, 99 ms teach nothing and move nothing")
  func tooSoon() {
    var host = clock.host()
    host.token.board.pass(seconds: 3600)
    let own = clock.time(&host) + ClockTests.start
    _ = host.syncClock(to: own + 0.099, uncertainty: 0.1)
    host.token.board.pass(seconds: 300 * 86_400)
    #expect(abs(difference(&host)) < 0.1)
  }

  @Test("a year of lies each day moves the clock by no more than the crystal could have gone wrong")
  func yearOfLies() {
    for direction in [1.0, -1.0] {
      var host = clock.host()
      for day in 1...365 {
        host.token.board.pass(seconds: 86_400)
        let own = clock.time(&host) + ClockTests.start
        for lie in [50, 5, 1.8, 1.7, 1.5, 1, 0.5, 0.1, 0.05] {
          _ = host.syncClock(to: own + direction * lie, uncertainty: 1e-6)
        }
        let moved = abs(difference(&host))
        #expect(moved <= Double(day) * 86_400 * Self.tolerance + 0.1, "on day \(day): \(moved) s")
      }
    }
  }

  @Test("to echo the token's own time pays for what it makes sure: nothing moves it after that")
  func echo() {
    var host = clock.host()
    host.token.board.pass(seconds: 100 * 86_400)
    let own = clock.time(&host) + ClockTests.start
    #expect(host.syncClock(to: own, uncertainty: 1e-6) == 0x9000)
    for lie in [0.2, 1, 10, 50] {
      #expect(host.syncClock(to: own + lie, uncertainty: 1e-6) == 0x69F3)
      #expect(host.syncClock(to: own - lie, uncertainty: 1e-6) == 0x69F3)
    }
    #expect(abs(difference(&host)) < 0.01)
  }

  @Test("nobody takes a correction back that still goes on, and a second host finds it made")
  func goingOn() {
    var host = clock.host()
    host.token.board.pass(seconds: 86_400)
    let own = clock.time(&host) + ClockTests.start
    #expect(host.syncClock(to: own + 1.5, uncertainty: 0.01) == 0x9000)
    let bound = clock.bound(&host)
    // The token's own time, echoed, and the honest host once more.
    #expect(host.syncClock(to: own, uncertainty: 1e-6) == 0x69F3)
    #expect(host.syncClock(to: own + 1.5, uncertainty: 0.02) == 0x9000)
    #expect(clock.bound(&host) <= bound + 0.001)
    host.token.board.pass(seconds: 3600)
    #expect(abs(difference(&host) - 1.5) < 0.1)
  }

  @Test("no lie makes the clock less sure than it was and the lie together")
  func notSilenced() {
    for lie in [0.15, -0.15, 0.01, 1.5, -1.5] {
      for stated in [0.0, 0.3, 60, 3600] {
        var host = clock.host()
        host.token.board.pass(seconds: 86_400)
        let before = clock.bound(&host)
        let own = clock.time(&host) + ClockTests.start
        _ = host.syncClock(to: own + lie, uncertainty: stated)
        #expect(clock.bound(&host) <= before + abs(lie) + 0.001, "\(lie) s ± \(stated) s")
        #expect(host.calculate("a").status == 0x9000)
      }
    }
  }

  @Test("a host that is no surer than the clock changes nothing")
  func nothingToTell() {
    var host = clock.host()
    host.token.board.pass(seconds: 3600)
    let own = clock.time(&host) + ClockTests.start
    let before = host.apdu(0x50).data
    #expect(host.syncClock(to: own + 0.05, uncertainty: 1) == 0x9000)
    #expect(host.apdu(0x50).data == before)
  }

  // MARK: The first time

  @Test("a token that never had a time takes its first one freely, even with credentials")
  func firstTime() {
    var host = TestHost()
    _ = host.put("a")
    #expect(host.calculate("a").status == 0x69F0)
    #expect(host.syncClock(to: ClockTests.start) == 0x9000)
    #expect(host.calculate("a").status == 0x9000)
    #expect(host.syncClock(to: ClockTests.start + 3600) == 0x69F3)
  }

  @Test("a token that has given a code takes no first time freely, nor one that lost its clock")
  func notTheFirst() {
    var host = TestHost()
    _ = host.put("h", kind: 0x11)
    _ = host.calculate("h")
    #expect(host.syncClock(to: ClockTests.start) == 0x69F3)

    host = clock.host()
    host.replug { $0.tickEpoch = TickEpoch(rawValue: 9) }
    #expect(host.syncClock(to: ClockTests.start) == 0x69F3)
    // Nor one whose record of the clock is there and cannot be read.
    host = clock.host()
    _ = host.calculate("a")
    host.damageClockRecord()
    #expect(host.syncClock(to: ClockTests.start) == 0x69F3)
  }

  @Test("a time that the flash does not take is as if nobody had given it")
  func notStored() {
    var host = clock.host()
    host.token.board.pass(seconds: 86_400)
    let before = host.apdu(0x50).data
    host.token.board.flashBudget = 0
    #expect(host.syncClock(to: ClockTests.start + 86_401) == 0x6581)
    #expect(host.apdu(0x50).data == before)
  }
}

extension TestHost {
  /// Flips a bit in the body of the newest record `clock`, and restarts.
  fileprivate mutating func damageClockRecord() {
    replug { board in
      // Kind value, key 193, 308 bytes.
      let header: [UInt8] = [0x5A, 193, 0x01, 0x34]
      for index in stride(from: 0, to: board.memory.count - 16, by: 16)
      where Array(board.memory[index..<index + 4]) == header && board.memory[index + 14] == 0xFF {
        board.memory[index + 16 + 30] ^= 0x10
      }
    }
  }
}
