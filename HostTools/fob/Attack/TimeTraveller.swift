import OATH
import RelyingParty
import TokenCore
import TokenSimulator

/// Somebody who has the token for ten minutes, at a computer, and wants codes of the next ten days.
///
/// They send it times of those days, take the codes that it gives, and set it back. They try every
/// command that has to do with time, and let the power go within each operation of the flash, and
/// again within each operation of the start after that; each on a copy of the token, as one who has
/// practised. What works is then done to the token itself.
struct TimeTraveller {
  static let access: Int64 = 600
  static let days = 10
  /// Flash operations within which they look for a moment to cut the power.
  private static let practice = 64

  /// A code that will be taken, and when.
  struct Loot: Equatable {
    let time: UnixTime
    let step: Step
    let code: Code

    static func == (a: Loot, b: Loot) -> Bool { a.step == b.step }
  }

  struct Result {
    let rule: ClockRule
    /// Ways to tamper with the clock that were tried.
    var ways = 0
    /// Times that one of them was tried and its power cut.
    var cuts = 0
    /// What gave the codes.
    var method: String?
    var loot: [Loot] = []
  }

  /// Something that is done to a token so that its clock tells another time.
  private struct Way {
    let name: String
    /// Whether the flash has anything to do with it.
    var writes = true
    let run: (HeldToken, UnixTime) -> Void
  }

  let rule: ClockRule
  /// Every so many operations the power is cut: 1 for all of them.
  let stride: Int
  private let start: UnixTime

  /// - Parameter start: the true time when the token comes into these hands.
  init(against rule: ClockRule, at start: UnixTime, cuttingEvery stride: Int = 1) {
    self.rule = rule
    self.start = start
    self.stride = stride
  }

  func run() -> Result {
    var result = Result(rule: rule)
    let token = rule.token(at: start)
    let target = time(ofDay: 1)
    for way in ways {
      result.ways += 1
      let trial = token.copy()
      let before = trial.flashOperations
      trial.restart()
      unlock(trial)
      way.run(trial, target)
      unlock(trial)
      if code(of: trial, at: target) != nil {
        result.method = way.name
        result.loot = loot(token, by: way, cut: nil)
        return result
      }
      guard way.writes else { continue }
      let operations = trial.flashOperations - before
      for cut in Swift.stride(from: 0, through: operations, by: stride) {
        let found = cutting(token, way, at: cut, target, &result)
        guard let found else { continue }
        result.method = found
        result.loot = loot(token, by: way, cut: cut)
        return result
      }
    }
    return result
  }

  // MARK: Ways

  private var ways: [Way] {
    var ways = [Way(name: "the clock set forward") { rule.force($1, on: $0) }]
    guard rule.isWatchfob else { return ways }
    ways += [
      Way(name: "CLOCK SYNC") { $0.send(.clockSync, HeldToken.time($1)) },
      Way(name: "CLOCK SYNC, little by little, for ten minutes", writes: false) { token, _ in
        for _ in 0..<Self.access {
          guard let status = token.send(.clockStatus, []),
            let own = status[.time], let allowance = status[.allowance]
          else { return }
          let ahead = Self.number(own) + Self.number(allowance)
          token.send(.clockSync, HeldToken.time(UnixTime(microseconds: ahead)))
          token.pass(seconds: 1)
        }
      },
      Way(name: "a step of the host's in CALCULATE", writes: false) { _, _ in },
      Way(name: "CLOCK SET with a made-up code") { token, time in
        token.send(.nonce, [])
        let made = [UInt8](repeating: 0x5A, count: 20)
        token.send(.clockSet, HeldToken.time(time) + HeldToken.field(.proof, made))
      },
      Way(name: "CLOCK SET by an access key of one's own") { token, time in
        token.send(.setCode, HeldToken.accessKey(ClockRule.publicKey))
        token.validate(ClockRule.publicKey)
        _ = token.setClock(to: time, with: ClockRule.publicKey)
      },
      Way(name: "CLOCK SET after CLOCK POLICY 'wipe'") { token, time in
        token.send(.setClockPolicy, HeldToken.field(.clockPolicy, [ClockPolicy.wipe.rawValue]))
        token.send(.clockSet, HeldToken.time(time))
      },
      Way(name: "CLOCK SYNC after CLOCK POLICY 'refuse'") { token, time in
        token.send(.setClockPolicy, HeldToken.field(.clockPolicy, [ClockPolicy.refuse.rawValue]))
        token.send(.clockSync, HeldToken.time(time))
      },
      Way(name: "CLOCK SYNC after RESET") { token, time in
        token.send(.reset, p1: 0xDE, p2: 0xAD, [])
        token.send(.clockSync, HeldToken.time(time))
      },
      Way(name: "RENAME to a shorter period") { token, _ in
        let names =
          HeldToken.field(.name, ClockRule.credential) + HeldToken.field(.name, Self.hasty)
        token.send(.rename, names)
      },
      Way(name: "CLOCK SYNC without the battery") { token, time in
        token.pullBattery()
        token.send(.clockSync, HeldToken.time(time))
        token.send(.clockSet, HeldToken.time(time))
      },
    ]
    return ways
  }

  /// Tries one way with the power cut within the operation after `cut`, and then within each
  /// operation of the start after that.
  ///
  /// - Returns: what worked, if anything did.
  private func cutting(
    _ token: HeldToken, _ way: Way, at cut: Int, _ target: UnixTime, _ result: inout Result
  ) -> String? {
    let torn = token.copy()
    unlock(torn)
    torn.restart(cutAfter: cut, seed: UInt64(cut))
    unlock(torn)
    way.run(torn, target)
    result.cuts += 1

    let whole = torn.copy(afterPowerCut: nil)
    unlock(whole)
    if code(of: whole, at: target) != nil {
      return "\(way.name), with the power cut at operation \(cut)"
    }
    let operations = whole.flashOperations - torn.flashOperations
    for second in Swift.stride(from: 0, to: operations, by: stride) {
      result.cuts += 1
      let again = torn.copy(afterPowerCut: second)
      again.restart()
      unlock(again)
      if code(of: again, at: target) != nil {
        return "\(way.name), with the power cut at operations \(cut) and \(second)"
      }
    }
    return nil
  }

  /// Does to the token itself, day by day, what worked on a copy; then the clock is set back.
  private func loot(_ token: HeldToken, by way: Way, cut: Int?) -> [Loot] {
    var loot: [Loot] = []
    func visit(_ time: UnixTime) {
      let cut = cut.map { practised(token, to: time, by: way, cut: $0) }
      travel(token, to: time, by: way, cut: cut)
    }
    for day in 1...Self.days {
      let time = time(ofDay: day)
      visit(time)
      if let found = code(of: token, at: time) { loot.append(found) }
    }
    visit(token.now)
    return loot
  }

  private func travel(_ token: HeldToken, to time: UnixTime, by way: Way, cut: Int?) {
    if let cut { token.restart(cutAfter: cut, seed: UInt64(cut)) }
    unlock(token)
    way.run(token, time)
    if cut != nil { token.restart() }
    unlock(token)
  }

  /// The cut that works now: what a command does to the flash depends on what lies there already, so it is
  /// practised each day on a copy.
  private func practised(_ token: HeldToken, to time: UnixTime, by way: Way, cut: Int) -> Int {
    for candidate in [cut] + Array(0...Self.practice) {
      let copy = token.copy()
      travel(copy, to: time, by: way, cut: candidate)
      if code(of: copy, at: time) != nil { return candidate }
    }
    return cut
  }

  // MARK: Codes

  private func time(ofDay day: Int) -> UnixTime {
    start + Microseconds(Int64(day) * 86_400_000_000)
  }

  private func unlock(_ token: HeldToken) {
    if rule.hasPublicKey { token.validate(ClockRule.publicKey) }
  }

  /// A code that the token gives now and that the relying party will take: at `target`, or after the
  /// token is back with its owner.
  private func code(of token: HeldToken, at target: UnixTime) -> Loot? {
    // Three steps later: what any holder of the token may see, its step's code and the next, is over.
    let back = start + Microseconds((Self.access + 3 * ClockRule.period) * 1_000_000)
    let wanted = HeldToken.field(.challenge, Self.step(at: target).map { Int64($0.rawValue) } ?? 0)
    let own = HeldToken.field(.challenge, [])
    let name = HeldToken.field(.name, ClockRule.credential)
    for question in [name + own, name + wanted, HeldToken.field(.name, Self.hasty) + own] {
      let answer = token.send(.calculate, p2: 1, question)
      guard let value = answer?[.truncatedResponse], value.count == 5,
        let code = Truncation(value: value[1...4].reduce(0) { $0 << 8 | UInt32($1) })?.code(.six)
      else { continue }
      for time in [target, back, Self.hastyTime(at: token.now)] {
        if let step = accepted(code, at: time) {
          return Loot(time: time, step: step, code: code)
        }
      }
    }
    return nil
  }

  /// The step for which the relying party takes the code at `time`, if it does. The owner logged in
  /// last when they had the token last.
  private func accepted(_ code: Code, at time: UnixTime) -> Step? {
    guard let present = Self.step(at: time), let last = Self.step(at: start) else { return nil }
    let secret = ClockRule.secret
    let key = OATHKey(algorithm: .sha1, secret: secret.span)
    let typed = Array(code.description.utf8)
    let clock = TokenClock(lastStep: last)
    let verdict = clock.verdict(at: present, Policy().tokenClock) { window, around in
      window.match(typed.span, key: key, digits: .six, around: around)
    }
    if case .right(let step, _) = verdict { return step }
    return nil
  }

  /// The credential's name with a period of 29 s: steps that are counted by it are ahead of those that
  /// the relying party counts, by two years in 2026.
  private static let hasty = Array("29/".utf8) + ClockRule.credential

  /// When the relying party comes to the step that a period of 29 s counts at `time`.
  private static func hastyTime(at time: UnixTime) -> UnixTime {
    UnixTime(microseconds: time.seconds / 29 * ClockRule.period * 1_000_000)
  }

  private static func step(at time: UnixTime) -> Step? {
    TOTP(period: Seconds(ClockRule.period))?.step(at: Seconds(time.seconds))
  }

  private static func number(_ bytes: [UInt8]) -> Int64 {
    bytes.reduce(0) { $0 << 8 | Int64($1) }
  }
}
