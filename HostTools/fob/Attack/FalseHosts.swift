import OATH
import TokenCore
import TokenSimulator

/// Hosts that know no secret and lie about the time, for a simulated year, and what they do to the clock of a
/// token whose crystal is exactly right (Docs/protocol.md, section 6).
struct FalseHosts {
  /// What the hosts say.
  enum Story: String, CaseIterable {
    case forward = "a lie each day, forward"
    case backward = "a lie each day, backward"
    case once = "one lie after 30 days, then nothing"
    case echo = "the token's own time, each day"
    case first = "the first time that the token ever had"

    /// Days on which a host comes by.
    func comes(on day: Int) -> Bool {
      switch self {
      case .forward, .backward, .echo: true
      case .once: day == 30
      case .first: day == 1
      }
    }

    /// What the clock is moved by at most after that many days, by the protocol page; `nil` for any
    /// time at all.
    func limit(after days: Int, tolerance: PartsPerBillion) -> Microseconds? {
      let day: Int64 = 86_400_000_000
      return switch self {
      case .forward, .backward:
        tolerance.share(of: Microseconds(Int64(days) * day)) + FalseHosts.honest
      case .once: tolerance.share(of: Microseconds(2 * 30 * day)) + FalseHosts.honest
      case .echo: FalseHosts.rounding
      case .first: nil
      }
    }
  }

  struct Result {
    let story: Story
    /// The farthest that the clock was moved on any day, either way.
    var moved = Microseconds.zero
    /// The farthest that the protocol page lets it be moved; `nil` for any time at all.
    var limit: Microseconds?
    /// Whether the limit was kept on each day.
    var isKept = true
    /// Whether a second host could choose the time as freely.
    var isFreeAgain = false
  }

  static let days = 365
  /// How well the honest host knew the time that set the clock.
  private static let honest = Microseconds(10_000)
  /// Time is counted in ticks of 1/32,768 s.
  private static let rounding = Microseconds(1_000)
  /// Lies are tried from large to small, in thousandths of what the token would take at most.
  private static let shares: [Int64] = [2_000, 1_001, 1_000, 999, 500, 100]

  let story: Story
  private let start: UnixTime

  init(_ story: Story, at start: UnixTime) {
    self.story = story
    self.start = start
  }

  func run() -> Result {
    let board = SimulatedBoard(
      serialNumber: SerialNumber(rawValue: 0x58), entropy: .seeded(1))
    let tolerance = board.crystalTolerance
    let token = HeldToken(board, now: start)
    if story != .first {
      token.send(.clockSync, HeldToken.time(token.now, uncertainty: Self.honest))
    }
    let kind = CredentialKind(type: .totp, algorithm: .sha1).rawValue
    token.send(
      .put,
      HeldToken.field(.name, ClockRule.credential)
        + HeldToken.field(.key, [kind, 6] + ClockRule.secret))
    var result = Result(story: story)
    result.limit = story.limit(after: Self.days, tolerance: tolerance)
    for day in 1...Self.days {
      token.pass(seconds: 86_400)
      if story.comes(on: day) { lie(to: token) }
      guard let own = Self.time(of: token, .time) else { continue }
      let moved = (UnixTime(microseconds: own) - token.now).magnitude
      result.moved = max(result.moved, moved)
      if let limit = story.limit(after: day, tolerance: tolerance), moved > limit {
        result.isKept = false
      }
    }
    if story == .first {
      let far = token.now + Microseconds(Int64(Self.days) * 2 * 86_400_000_000)
      result.isFreeAgain = token.send(.clockSync, HeldToken.time(far))?.isSuccess ?? false
      result.isKept = !result.isFreeAgain
    }
    return result
  }

  private func lie(to token: HeldToken) {
    if story == .first {
      let year = Microseconds(Int64(Self.days) * 86_400_000_000)
      token.send(.clockSync, HeldToken.time(token.now + year))
      return
    }
    for share in Self.shares {
      guard let own = Self.time(of: token, .time),
        let allowance = Self.time(of: token, .allowance)
      else { return }
      let lie =
        switch story {
        case .backward: -(allowance / 1_000 * share)
        case .echo: Int64.zero
        case .forward, .once, .first: allowance / 1_000 * share
        }
      let time = UnixTime(microseconds: own + lie)
      let isTaken =
        token.send(.clockSync, HeldToken.time(time, uncertainty: Microseconds(1)))?.isSuccess
      if isTaken == true { return }
    }
  }

  /// A number of eight bytes in CLOCK STATUS's answer.
  private static func time(of token: HeldToken, _ tag: Tag) -> Int64? {
    token.send(.clockStatus, [])?[tag].map { $0.reduce(0) { $0 << 8 | Int64($1) } }
  }
}
