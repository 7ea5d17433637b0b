import TokenCore

/// A token made of software, with a cable that can be pulled out.
///
/// On the cable a `Token` runs on its board. Off the cable the board is all there is: what the token
/// kept in RAM is gone, its flash stays, and its clock goes on if it has a battery.
public struct SimulatedToken: ~Copyable {
  /// There while on the cable.
  private var token: Token<SimulatedBoard>?
  /// There while off the cable.
  private var restingBoard: SimulatedBoard?
  public private(set) var isPlugged = false

  /// A token with that board, on the cable or off it.
  public init(board: SimulatedBoard, plugged: Bool = true) {
    token = nil
    restingBoard = board
    setCable(plugged: false)
    if plugged { plug() }
  }

  /// A copy of the board as it is now: a snapshot.
  public var board: SimulatedBoard {
    switch token {
    case .some(let token): token.board
    case .none: restingBoard!
    }
  }

  // MARK: The wire

  /// Takes a report from the host. Off the cable it goes nowhere.
  public mutating func receive(_ report: Report) {
    token?.receive(report)
  }

  /// Lets the token look at its clock and its button.
  public mutating func poll() {
    token?.poll()
  }

  /// Whether the token waits for time to pass or its button to be pressed.
  public var isWaiting: Bool {
    switch token {
    case .some(let token): token.isWaiting
    case .none: false
    }
  }

  /// Whether it waits for its button.
  public var wantsTouch: Bool {
    switch token {
    case .some(let token): token.wantsTouch
    case .none: false
    }
  }

  public mutating func nextReport() -> Report? {
    token?.nextReport()
  }

  /// What happened on the bus while the token kept its power; see `Token.busChanged()`.
  public mutating func busChanged() {
    token?.busChanged()
  }

  // MARK: The card's door

  /// Takes a command APDU, as a smart card does.
  ///
  /// - Returns: `false` off the cable, while another program's transaction goes on, or when it is
  ///   longer than `FramingLimits.messageSize`.
  public mutating func receive(apdu: [UInt8]) -> Bool {
    token?.receive(apdu: apdu.span) ?? false
  }

  /// The answer to the command APDU, or the next piece of it: data, then the status word; `nil` while
  /// there is none.
  public mutating func nextCardResponse() -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: Token<SimulatedBoard>.largestCardResponse)
    var span = bytes.mutableSpan
    guard let count = token?.fetchResponse(into: &span) else { return nil }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  /// The reader reset the card, or let go of it.
  public mutating func resetCard() {
    token?.resetCard()
  }

  // MARK: The world around it

  /// Puts the token on the cable: it starts, knowing what its flash and its clock know.
  public mutating func plug() {
    guard !isPlugged else { return }
    setCable(plugged: true)
    // The reference is handed over: the flash is copied by nobody.
    guard let board = restingBoard.take() else { return }
    token = Token(board: board)
    isPlugged = true
  }

  /// Pulls the token off its cable.
  public mutating func unplug() {
    guard isPlugged else { return }
    restingBoard = board
    token = nil
    isPlugged = false
    setCable(plugged: false)
  }

  /// Takes its battery out or puts one in.
  public mutating func setBattery(present: Bool) {
    changeBoard { $0.clock.setBattery(present: present) }
  }

  public mutating func setButton(_ mode: Button.Mode) {
    changeBoard { $0.button.mode = mode }
  }

  /// Presses the button for a moment.
  public mutating func press() {
    changeBoard { $0.press() }
    // Its owner may look at the token only when the press is over.
    poll()
  }

  /// Lets time pass for its clock, at that temperature (`SimulatedClock.temperatures`).
  public mutating func advance(by time: TrueTicks, celsius: Int = 25) {
    changeBoard { $0.clock.advance(by: time, celsius: celsius) }
  }

  /// Makes the entropy source fail its health test, or recover.
  public mutating func setEntropy(failing: Bool) {
    changeBoard { $0.entropy.isFailing = failing }
  }

  /// Puts everything back as `board` has it; on the cable, the token starts anew.
  public mutating func restore(_ board: SimulatedBoard) {
    let wasPlugged = isPlugged
    unplug()
    restingBoard = board
    setCable(plugged: false)
    if wasPlugged { plug() }
  }

  /// Records what the flash goes through from now on; see `takeFlashChanges()`.
  public mutating func recordFlashChanges() {
    changeBoard { $0.flash.recordsChanges = true }
  }

  /// What the flash went through since this was asked the last time.
  public mutating func takeFlashChanges() -> [SimulatedFlash.Change] {
    changeBoard { $0.flash.takeChanges() }
  }

  private mutating func setCable(plugged: Bool) {
    changeBoard { $0.clock.setCable(plugged: plugged) }
  }

  private mutating func changeBoard<Result>(
    _ change: (inout SimulatedBoard) -> Result
  ) -> Result {
    isPlugged ? change(&token!.board) : change(&restingBoard!)
  }
}
