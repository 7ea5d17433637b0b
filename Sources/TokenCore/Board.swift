/// What a body has to offer so that the token can live in it: a flash memory, a tick counter, a
/// button, an indicator and a source of entropy.
///
/// The simulated board, the firmware's boards and the null board of the link check all conform;
/// `Token<Board>` is specialised for each at compile time. A board never blocks: the token asks,
/// the board answers with what is so now.
public protocol Board: Flash, ~Copyable {
  /// Whether this is a thing one can hold. The token reports it, so that nobody mistakes a
  /// simulation for hardware.
  var body: Body { get }

  /// Distinguishes this token from every other; also what a person chooses it by.
  var serialNumber: SerialNumber { get }

  /// How many ticks the counter makes in a second, by its nominal rate.
  var tickRate: TickRate { get }

  /// The most by which the real tick rate may differ from the nominal one, over temperature and
  /// age, in either direction. It bounds what the token believes about its own clock.
  var crystalTolerance: PartsPerBillion { get }

  /// Names the run of the tick counter: it changes whenever the counter lost its count (battery
  /// removed, or a board that has none was powered up), and never otherwise.
  var tickEpoch: TickEpoch { get }

  /// The tick counter now. Never goes backwards within one `tickEpoch`.
  mutating func ticks() -> Ticks

  /// How warm the crystal is now; `nil` on a board that cannot tell, or whose crystal is not the
  /// tuning fork of a watch, which is what the clock compensates. Asked every ten minutes at most.
  mutating func temperature() -> Temperature?

  /// Whether the button is pressed at this moment.
  mutating func isTouched() -> Bool

  /// Shows the person what the token is about.
  mutating func indicate(_ indication: Indication)

  /// Fills the whole of `bytes` with unpredictable bytes.
  ///
  /// - Returns: `false` when the source failed its health test; `bytes` must not be used then.
  mutating func fillWithEntropy(_ bytes: inout MutableSpan<UInt8>) -> Bool
}

extension Board where Self: ~Copyable {
  public mutating func temperature() -> Temperature? { nil }
}

/// What a token is made of, as it says itself (`INFORMATION`, tag `body`).
public enum Body: UInt8, Sendable {
  case hardware = 0
  case simulated = 1
  /// A firmware image in an emulator of its processor.
  case emulated = 2
}

/// Eight bytes that name a token; written as sixteen hexadecimal digits.
public struct SerialNumber: Hashable, Sendable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }
}

/// What the indicator shows.
public enum Indication: UInt8, Sendable {
  case idle = 0
  case working = 1
  /// The person is asked to press the button.
  case wantsTouch = 2
  /// The host asked which token it is talking to (CTAPHID WINK).
  case wink = 3
}
