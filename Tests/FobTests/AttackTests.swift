import JSON
import OATH
import Testing
import TokenCore

@testable import fob

@Suite("The neighbour")
struct NeighbourTests {
  private func attack(_ rule: NeighbourRule, seed: UInt64 = NeighbourAttack.seed) throws
    -> Neighbour.Result
  {
    try Neighbour(against: rule, seed: seed).run()
  }

  @Test("gets all but a PIN, for which the button is needed, where channels are numbered")
  func numbered() throws {
    let result = try attack(.numbered)
    let all = Set(Neighbour.Gain.allCases).subtracting([.pin])
    for way in Neighbour.Way.allCases where way != .own { #expect(result.gains[way] == all) }
    #expect(result.gains[.own] == [.erase])
  }

  @Test("does not guess random channels, but hears them, and a proof that never ends serves it")
  func random() throws {
    let result = try attack(.random)
    #expect(result.gains[.guessed] == [] && result.gains[.guessedLater] == [])
    #expect(result.gains[.killed]?.contains(.password) == true)
  }

  @Test("gets nothing under Watchfob's rules, but what fob itself can do while it runs")
  func watchfob() throws {
    for seed in 1...20 as ClosedRange<UInt64> {
      let result = try attack(.watchfob, seed: seed)
      #expect(result.holes.isEmpty, "repeat with: seed \(seed)")
      #expect(result.gains[.overheard] == [.list, .code, .remove], "repeat with: seed \(seed)")
    }
  }
}

@Suite("The time traveller")
struct AttackTests {
  /// Fewer cuts than the command makes, so that the test stays short.
  private func attack(_ rule: ClockRule) -> TimeTraveller.Result {
    TimeTraveller(against: rule, at: SimAttack.start, cuttingEvery: 5).run()
  }

  @Test("a token whose clock anybody may set gives ten days' codes away")
  func naive() {
    let result = attack(.naive)
    #expect(result.loot.count == TimeTraveller.days)
    #expect(result.cuts == 0)
    // They are the codes of those days, which nobody but the token and the relying party can know.
    let secret = ClockRule.secret
    let key = OATHKey(algorithm: .sha1, secret: secret.span)
    for loot in result.loot {
      #expect(loot.code == HOTP.code(key: key, at: MovingFactor(loot.step), digits: .six))
      #expect(loot.step.rawValue == UInt64(loot.time.seconds) / UInt64(ClockRule.period))
      #expect(loot.time.seconds >= SimAttack.start.seconds + 86_400)
    }
  }

  @Test("one that wipes after it is set does so as well, once the power is cut in between")
  func setThenWipe() {
    let result = TimeTraveller(against: .setThenWipe, at: SimAttack.start).run()
    #expect(result.loot.count == TimeTraveller.days)
    #expect(result.cuts > 0)
  }

  @Test(
    "Watchfob's rules give none, however the power is cut", arguments: [ClockRule.refuse, .wipe])
  func ours(rule: ClockRule) {
    let result = attack(rule)
    #expect(result.loot == [], "\(result.method ?? "")")
    #expect(result.ways == 11)
    #expect(result.cuts > 50)
  }

  @Test("the tokens that are attacked give the code of now", arguments: ClockRule.allCases)
  func codeOfNow(rule: ClockRule) throws {
    let token = rule.token(at: SimAttack.start)
    if rule.hasPublicKey { token.validate(ClockRule.publicKey) }
    let answer = token.send(
      .calculate, p2: 1,
      HeldToken.field(.name, ClockRule.credential) + HeldToken.field(.challenge, []))
    let value = try #require(answer?[.truncatedResponse])
    let secret = ClockRule.secret
    let key = OATHKey(algorithm: .sha1, secret: secret.span)
    let step = UInt64(SimAttack.start.seconds) / UInt64(ClockRule.period)
    let code = HOTP.code(key: key, at: MovingFactor(step), digits: .six)
    let number = value[1...4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    #expect(Truncation(value: number)?.code(.six) == code)
  }

  @Test("and under Watchfob's 'wipe' a time that is forced finds an empty token")
  func wiped() {
    let token = ClockRule.wipe.token(at: SimAttack.start)
    let tomorrow = SimAttack.start + Microseconds(86_400_000_000)
    ClockRule.wipe.force(tomorrow, on: token)
    #expect(token.send(.list, [])?.data == [])
    // The clock is set, so that it was the wiping that kept the codes.
    let time = token.send(.clockStatus, [])?[.time]?.reduce(Int64(0)) { $0 << 8 | Int64($1) }
    #expect(time == tomorrow.microseconds)
  }
}

@Suite("Hosts that lie about the time")
struct FalseHostsTests {
  @Test(
    "move a clock no further in a year than the protocol page says",
    arguments: FalseHosts.Story.allCases)
  func kept(story: FalseHosts.Story) throws {
    let result = FalseHosts(story, at: SimAttack.start).run()
    #expect(result.isKept)
    // They do what they can: a limit that nobody comes near would say nothing.
    switch story {
    case .forward, .backward: #expect(result.moved > Microseconds(500_000_000))
    case .once: #expect(result.moved > Microseconds(90_000_000))
    case .echo: #expect(result.moved < Microseconds(1_000))
    case .first: #expect(result.moved > Microseconds(86_400_000_000) && !result.isFreeAgain)
    }
  }
}
