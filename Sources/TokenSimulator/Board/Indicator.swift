import TokenCore

/// The light, and what it showed when.
public struct Indicator: Equatable, Sendable {
  public struct Entry: Equatable, Sendable {
    public let ticks: Ticks
    public let indication: Indication
  }

  /// How many changes the trace remembers; the oldest are dropped.
  public static let traceLength = 256

  public private(set) var current = Indication.idle
  /// Every change, the oldest first.
  public private(set) var trace: [Entry] = []

  public init() {}

  mutating func show(_ indication: Indication, at ticks: Ticks) {
    guard indication != current else { return }
    current = indication
    if trace.count == Self.traceLength {
      trace.removeFirst()
    }
    trace.append(Entry(ticks: ticks, indication: indication))
  }
}

extension Indication {
  /// As the control channel writes it.
  var name: String {
    switch self {
    case .idle: "idle"
    case .working: "working"
    case .wantsTouch: "wants-touch"
    case .wink: "wink"
    }
  }

  init?(name: String) {
    let all: [Indication] = [.idle, .working, .wantsTouch, .wink]
    guard let indication = all.first(where: { $0.name == name }) else { return nil }
    self = indication
  }
}
