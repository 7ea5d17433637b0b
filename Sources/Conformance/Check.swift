/// One rule of Docs/protocol.md, and how to find out whether a token keeps it.
///
/// A check works with names of its own, which the suite takes off the token again. It sends RESET only
/// to a token on which nothing is anybody's, and never does to the clock of somebody's credentials what
/// the protocol would not take from anybody.
public struct Check: Sendable {
  /// Two words or more, joined by dots, the first being the group's: `lock.expires`.
  public let id: String
  /// What a token has to do, as a sentence without a full stop.
  public let title: String
  /// Where Docs/protocol.md says so: `2, rule 5`.
  public let section: String
  /// Whether it takes many seconds, and is left out unless it is asked for.
  public let isSlow: Bool
  /// How long it may take, the time that a person needs not counted.
  let limit: Duration
  let body: @Sendable (Bench) throws(CheckEnd) -> Void

  init(
    _ id: String, _ title: String, _ section: String, isSlow: Bool = false,
    limit: Duration = .seconds(15), _ body: @escaping @Sendable (Bench) throws(CheckEnd) -> Void
  ) {
    self.id = id
    self.title = title
    self.section = section
    self.isSlow = isSlow
    self.limit = limit
    self.body = body
  }

  /// The first word of the id.
  public var group: String { String(id.prefix { $0 != "." }) }

  /// Whether it is about reports and messages alone, and asks nothing of the applet.
  var isAboutFraming: Bool { Self.framingGroups.contains(group) }

  private static let framingGroups = Set(Check.framing.map(\.group))
}

extension Check {
  static let framing = reports + channels + busy + locks + messages + timeouts

  static let applet =
    apdus + fields + unset + selection + credentials + codes + counters + overviews + accessKeys
    + sessions + proofs + clock + clockSet + staging + recovery + information + touch + replug
    + reset

  /// All checks, in the order in which they run: what later ones build upon comes first.
  public static let all = framing + applet
}
