import TokenCore

/// The button, and who presses it.
public struct Button: Equatable, Sendable {
  public enum Mode: UInt8, CaseIterable, Sendable {
    /// Pressed whenever the token asks for it.
    case automatic = 0
    /// Pressed by `press(at:)`, for a moment.
    case manual = 1
    case never = 2

    /// As people and the control channel write it.
    public var name: String {
      switch self {
      case .automatic: "automatic"
      case .manual: "manual"
      case .never: "never"
      }
    }

    public init?(name: String) {
      guard let mode = Self.allCases.first(where: { $0.name == name }) else { return nil }
      self = mode
    }
  }

  /// How long a press lasts unless it serves its purpose before: 200 ms.
  public static let pressLength = SimulatedClock.rate.ticks(inMilliseconds: 200)

  public var mode: Mode
  /// When the button was pressed, while that press still lasts.
  public private(set) var pressedAt: Ticks?

  public init(mode: Mode = .automatic) {
    self.mode = mode
  }

  /// Presses the button. Nothing comes of it unless the mode is `manual`.
  public mutating func press(at ticks: Ticks) {
    pressedAt = ticks
  }

  /// Whether the button is down. A press that the token `wanted` ends when the token sees it, so
  /// that one press allows one thing.
  mutating func isDown(at ticks: Ticks, wanted: Bool) -> Bool {
    switch mode {
    case .automatic: return wanted
    case .never: return false
    case .manual: break
    }
    guard let start = pressedAt else { return false }
    // A counter that lost its count starts below `start`: that press is long over.
    let isDown = ticks >= start && ticks.elapsed(since: start) < Self.pressLength
    if wanted || !isDown {
      pressedAt = nil
    }
    return isDown
  }
}
