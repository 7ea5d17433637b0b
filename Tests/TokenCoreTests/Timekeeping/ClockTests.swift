import Testing
import TokenCore

@Suite("The clock")
struct ClockTests {
  static let start = Double(newYear)

  func host(withCredential: Bool = true) -> TestHost {
    var host = TestHost()
    _ = host.syncClock(to: Self.start)
    if withCredential { _ = host.put("a") }
    return host
  }

  func time(_ host: inout TestHost) -> Double {
    let micros = number(value(of: 0xD0, in: host.apdu(0x50).data))
    return micros.map { Double($0) / 1e6 - Self.start } ?? .nan
  }

  func bound(_ host: inout TestHost) -> Double {
    number(value(of: 0xD1, in: host.apdu(0x50).data)).map { Double($0) / 1e6 } ?? .nan
  }

  @Test("a token without credentials takes any time, as often as one likes")
  func fresh() {
    var host = TestHost()
    #expect(value(of: 0xD2, in: host.apdu(0x50).data) == [0])
    for seconds in [Self.start, 0, Self.start + 1e9, 253_402_300_799] {
      #expect(host.syncClock(to: seconds) == 0x9000)
      #expect(abs(time(&host) - (seconds - Self.start)) < 0.001)
    }
    #expect(value(of: 0xD2, in: host.apdu(0x50).data) == [1])
  }

  @Test("with a credential, a lost clock takes no time without authentication")
  func notFresh() {
    var host = self.host()
    host.replug { $0.tickEpoch = TickEpoch(rawValue: 9) }
    #expect(value(of: 0xD2, in: host.apdu(0x50).data) == [2])
    #expect(host.syncClock(to: Self.start) == 0x69F3)
  }

  @Test("a correction inside what the crystal explains is slewed, without a jump")
  func slewed() {
    var host = host()
    host.token.board.pass(seconds: 86_400)  // 20 ppm: 1.728 s.
    #expect(host.syncClock(to: Self.start + 86_400 + 1.5) == 0x9000)
    #expect(abs(time(&host) - 86_400) < 0.001)
    host.token.board.pass(seconds: 32)
    #expect(abs(time(&host) - 86_432.5) < 0.002)
    host.token.board.pass(seconds: 64 * 60)
    // From there on it goes as fast as it has learned that it should.
    let learned = 1.5 / 86_400 * (32 + 64 * 60)
    #expect(abs(time(&host) - (86_432 + 64 * 60 + 1.5 + learned)) < 0.001)
  }

  @Test("a clock that is slewed back never runs backwards")
  func monotonic() {
    var host = host()
    host.token.board.pass(seconds: 86_400)
    #expect(host.syncClock(to: Self.start + 86_400 - 1.5) == 0x9000)
    var last = time(&host)
    for _ in 0..<200 {
      host.token.board.pass(seconds: 1)
      let now = time(&host)
      #expect(now > last)
      last = now
    }
    let learned = -1.5 / 86_400 * 200
    #expect(abs(last - (86_400 + 200 - 1.5 + learned)) < 0.001)
  }

  @Test("a correction beyond what the crystal explains is refused and changes nothing")
  func outOfBounds() {
    var host = host()
    host.token.board.pass(seconds: 86_400)
    for offset in [1.8, -1.8, 30, -30, 1e9, -1e9] {
      #expect(host.syncClock(to: Self.start + 86_400 + offset, uncertainty: 3600) == 0x69F3)
    }
    #expect(abs(time(&host) - 86_400) < 0.001)
  }

  @Test("many small corrections together move the clock no further than the crystal could have")
  func cappedSum() {
    for direction in [1.0, -1.0] {
      var host = host()
      let days = 40.0
      for _ in 0..<Int(days * 24) {
        host.token.board.pass(seconds: 3600)
        let own = time(&host) + Self.start
        for offset in [5, 1, 0.2, 0.1, 0.05, 0.01, 0.001] {
          _ = host.syncClock(to: own + direction * offset, uncertainty: 0.1)
        }
      }
      let moved = abs(time(&host) - days * 86_400)
      #expect(moved <= days * 86_400 * 20e-6 + 0.1, "moved by \(moved) s")
    }
  }

  @Test("the allowance stops growing after 30 days")
  func cappedAllowance() {
    var host = host()
    host.token.board.pass(seconds: 300 * 86_400)
    #expect(host.syncClock(to: Self.start + 300 * 86_400 + 52) == 0x69F3)
    #expect(host.syncClock(to: Self.start + 300 * 86_400 + 51.8) == 0x9000)
  }

  @Test(
    "the bound grows with the crystal's tolerance and shrinks when a sync finds the clock in step")
  func bounds() {
    var host = host()
    #expect(bound(&host) < 0.001)
    host.token.board.pass(seconds: 100_000)
    #expect(abs(bound(&host) - 2) < 0.001)
    #expect(host.syncClock(to: Self.start + 100_000.02, uncertainty: 0.05) == 0x9000)
    #expect(abs(bound(&host) - 0.07) < 0.001)
    #expect(abs(time(&host) - 100_000) < 0.001)
  }

  @Test("a slewed correction and its used-up allowance survive a restart")
  func slewOverRestart() {
    var host = host()
    host.token.board.pass(seconds: 86_400)
    _ = host.syncClock(to: Self.start + 86_400 + 1.5)
    host.replug(afterSeconds: 640)
    let learned = 1.5 / 86_400 * 640
    #expect(abs(time(&host) - (86_400 + 640 + 1.5 + learned)) < 0.001)
    #expect(host.syncClock(to: Self.start + 86_400 + 640 + 1.5 + 1) == 0x69F3)
  }

  @Test("absurd times and uncertainties are malformed, not believed")
  func absurd() {
    var host = host(withCredential: false)
    let good = field(0xD0, bigEndian(Int64(1)))
    for bad: Int64 in [-1, .min, .max, 253_402_300_800_000_000] {
      #expect(
        host.apdu(0x51, field(0xD0, bigEndian(bad)) + field(0xD1, bigEndian(Int64(0)))).status
          == 0x6A80)
    }
    for bad: Int64 in [-1, .min, .max, 3_600_000_001] {
      #expect(host.apdu(0x51, good + field(0xD1, bigEndian(bad))).status == 0x6A80)
    }
    #expect(host.apdu(0x51, good).status == 0x6A80)
  }

  // MARK: CLOCK SET

  func set(
    _ host: inout TestHost, to seconds: Double, nonce: [UInt8]? = nil,
    key: [UInt8] = AccessKeyTests.key
  )
    -> UInt16
  {
    let nonce = nonce ?? value(of: 0x74, in: host.apdu(0x5B).data) ?? []
    let data =
      field(0xD0, bigEndian(Int64(seconds * 1e6))) + field(0xD1, bigEndian(Int64(10_000)))
    let proof = AccessKeyTests.hmac([0x52] + nonce + data, key: key)
    return host.apdu(0x52, data + field(0xD7, proof)).status
  }

  @Test("who knows the access key may set any time, also a lost clock's")
  func authenticated() {
    var host = host(withCredential: false)
    #expect(set(&host, to: Self.start + 1e6) == 0x69F4)
    _ = AccessKeyTests.setKey(&host)
    _ = AccessKeyTests.validate(&host)
    _ = host.put("a")
    #expect(set(&host, to: Self.start + 1e6) == 0x9000)
    #expect(abs(time(&host) - 1e6) < 0.001)
    host.replug { $0.tickEpoch = TickEpoch(rawValue: 2) }
    #expect(set(&host, to: Self.start + 2e6) == 0x9000)
    #expect(abs(time(&host) - 2e6) < 0.001)
  }

  @Test("a wrong key, a replayed nonce and no nonce at all set nothing")
  func notAuthenticated() {
    var host = host(withCredential: false)
    _ = AccessKeyTests.setKey(&host)
    let nonce = value(of: 0x74, in: host.apdu(0x5B).data) ?? []
    #expect(set(&host, to: 1e9, nonce: nonce, key: [1]) == 0x6A80)
    #expect(set(&host, to: 1e9, nonce: nonce) == 0x6985)
    #expect(set(&host, to: 1e9, nonce: [UInt8](repeating: 0, count: 8)) == 0x6985)
    #expect(abs(time(&host)) < 0.001)
  }

  @Test(
    "a key that was put on a token with credentials does not set its clock, nor does its successor")
  func timeTraveller() {
    var host = host()
    _ = AccessKeyTests.setKey(&host)
    #expect(set(&host, to: 1e9) == 0x69F4)
    let second = Array("another 16 bytes".utf8)
    #expect(AccessKeyTests.replaceKey(&host, by: second) == 0x9000)
    #expect(set(&host, to: 1e9, key: second) == 0x69F4)
    #expect(abs(time(&host)) < 0.001)
  }

  @Test("a key that may set the clock does not hand that on, unless nothing is stored")
  func succession() {
    var host = host(withCredential: false)
    _ = AccessKeyTests.setKey(&host)
    _ = AccessKeyTests.validate(&host)
    _ = host.put("a")
    let second = Array("another 16 bytes".utf8)
    #expect(AccessKeyTests.replaceKey(&host, by: second) == 0x9000)
    #expect(set(&host, to: 1e9, key: second) == 0x69F4)
    _ = AccessKeyTests.validate(&host, key: second)
    #expect(host.apdu(0x02, field(0x71, "a")).status == 0x9000)
    #expect(AccessKeyTests.replaceKey(&host, by: AccessKeyTests.key, old: second) == 0x9000)
    _ = AccessKeyTests.validate(&host)
    _ = host.put("a")
    #expect(set(&host, to: 1e9) == 0x9000)
  }
}
