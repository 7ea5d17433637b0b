/// How long the host waits for a token. Every wait ends: a token that never answers, or that says
/// for ever that it is at work, costs at most `command`, and once the person cancels, at most `tidying`.
public struct Patience: Sendable {
  /// From a request, or a sign of life, to the next sign of life.
  public var answer = Duration.seconds(5)
  /// From a request to the whole answer, whatever signs of life there are. The token waits 15 s
  /// for its button (`FramingLimits.touchTimeoutMilliseconds`).
  public var command = Duration.seconds(20)
  /// While another program has the token. A LOCK lasts up to 10 s.
  public var busy = Duration.seconds(12)
  /// From the person's cancelling to the answer of the command that is under way.
  public var cancelled = Duration.milliseconds(400)
  /// From the person's cancelling to the end of whatever has to be put in order.
  public var tidying = Duration.milliseconds(900)
  /// For the end of a session, to have the token forget what was proved on it. Nobody waits longer to
  /// leave: the token forgets by itself a minute later.
  public var farewell = Duration.milliseconds(500)
  /// Between two looks at whether the person has cancelled.
  public var cancellationInterval = Duration.milliseconds(50)

  public init() {}

  /// The pauses before a busy token is asked again double from the first to the last.
  static let firstPause = Duration.milliseconds(20)
  static let lastPause = Duration.milliseconds(320)
}
