/// The token: reports in, reports out.
///
/// It never waits. A report is taken with `receive`; what the token has to say is fetched with
/// `nextReport`; and while `isWaiting`, `poll` lets it see that time has passed or that its button was
/// pressed. All its state beside the board's flash is RAM: dropping the value is pulling the cable.
public struct Token<B: Board & ~Copyable>: ~Copyable {
  /// Where the token lives. A simulator reaches through here; the token itself never keeps anything
  /// about the board but what it reads anew.
  public var board: B

  var framing: Framing
  var applet: Applet
  var touch = TouchWait()
  var card = CardResponse()

  /// A command that waits for the button.
  struct TouchWait {
    var isOn = false
    var deadline = Ticks(0)
    var nextKeepAlive = Ticks(0)
    /// A button that was held down before the token asked does not count until it is let go.
    var wasReleased = false
  }

  /// Powers the token up: mounts the store, finishes what a power cut interrupted, resumes the clock.
  ///
  /// Never fails: a store that is not ours is left alone, and the token answers `memoryFailure` until
  /// a RESET.
  public init(board: consuming B) {
    let rate = board.tickRate
    framing = Framing(rate: rate)
    applet = Applet(rate: rate, tolerance: board.crystalTolerance)
    self.board = board
    applet.powerUp(&self.board)
    self.board.indicate(.idle)
  }

  /// Takes one report from the host, and does what it asks.
  @inline(never)
  public mutating func receive(_ report: Report) {
    let now = board.ticks()
    switch framing.receive(report, at: now) {
    case .nothing: break
    case .request: serve(at: now)
    case .cancel: endTouch(with: .cancelled)
    case .resync(let channel):
      if touch.isOn, framing.phase != .working { abandonCommand() }
      applet.forget(channel)
    case .newChannel(let nonce): giveChannel(to: nonce, at: now)
    }
  }

  /// Lets time pass: to be called at least every 50 ms while `isWaiting`.
  public mutating func poll() {
    let now = board.ticks()
    framing.expire(at: now)
    applet.staged.expire(at: now)
    applet.noteTemperature(board: &board)
    guard touch.isOn else { return }
    if board.isTouched() {
      if touch.wasReleased {
        endTouchWait()
        return execute(isTouched: true, at: now)
      }
    } else {
      touch.wasReleased = true
    }
    if now >= touch.deadline { return endTouch(with: .securityStatusNotSatisfied) }
    if now >= touch.nextKeepAlive {
      if framing.channel != .card { framing.keepAlive(.touchNeeded) }
      touch.nextKeepAlive = now.advanced(by: keepAliveInterval)
    }
  }

  /// The bus changed under the token. Every body calls this, and only this, for each of: a reset of the
  /// bus, the loss of its configuration (SET_CONFIGURATION, whichever is set), its suspension, and a
  /// detached cable while the board keeps its power; a body without USB, when its host went or came.
  ///
  /// Who talks next may be another host or another program. So whatever the channels were in the midst
  /// of ends without an answer: the half-received message, the command that waits for the button, and
  /// the reports that nobody has fetched. What was proved on them ends too, and so do LOCK and a staged
  /// update. The numbers of the channels stay valid. The card's door has `resetCard()`.
  @inline(never)
  public mutating func busChanged() {
    if framing.channel != .card { abandonCommand() }
    framing.forgetBus()
    applet.forgetBus()
  }

  /// Whether a time-out or the button is awaited, so that `poll()` has something to do.
  public var isWaiting: Bool {
    touch.isOn || framing.isWaiting || !applet.staged.isEmpty
  }

  /// Whether a command waits for the button.
  public var wantsTouch: Bool { touch.isOn }

  /// The next report for the host, if there is one.
  public mutating func nextReport() -> Report? {
    framing.nextReport(at: board.ticks())
  }
}

// MARK: - Requests

extension Token where B: ~Copyable {
  private mutating func serve(at now: Ticks) {
    switch framing.command {
    case .ping: framing.respond(at: now)
    case .wink: wink(at: now)
    case .lock: lock(at: now)
    case .applet: serveApplet(at: now)
    case .initialize, .cancel, .keepAlive, .error: framing.refuse(.invalidCommand)
    }
  }

  /// Gives a host a channel of a number that nobody can guess, in the place of the one that was used
  /// least recently and that nothing hangs on.
  @inline(never)
  private mutating func giveChannel(to nonce: InlineArray<8, UInt8>, at now: Ticks) {
    guard let granted = newChannel() else { return framing.refuseChannel() }
    applet.sessions.expire(at: now)
    // At most seven are kept: four that proved something, the one at work, LOCK's, the staged update's.
    var place = framing.channels.count - 1
    while place > 0, isKept(framing.channels[place]) { place -= 1 }
    applet.forget(framing.channels[place])
    framing.grant(granted, to: nonce, in: place)
  }

  @inline(never)
  private func isKept(_ channel: ChannelID) -> Bool {
    guard channel != .reserved else { return false }
    return channel == framing.channel || channel == framing.lockHolder
      || channel == applet.staged.channel || applet.sessions.isProved(channel)
  }

  /// - Returns: `nil` when the entropy source failed its health test.
  @inline(never)
  private mutating func newChannel() -> ChannelID? {
    while true {
      var bytes = InlineArray<4, UInt8>(repeating: 0)
      var span = bytes.mutableSpan
      guard board.fillWithEntropy(&span) else { return nil }
      let channel = ChannelID(rawValue: bytes.span.bigEndian(at: 0))
      if channel.isGrantable, !framing.channels.contains(channel) { return channel }
    }
  }

  private mutating func wink(at now: Ticks) {
    guard framing.message.count == 0 else { return framing.refuse(.invalidLength) }
    board.indicate(.wink)
    framing.respond(at: now)
  }

  private mutating func lock(at now: Ticks) {
    guard framing.message.count == 1 else { return framing.refuse(.invalidLength) }
    let seconds = framing.message.bytes[0]
    guard seconds <= FramingLimits.longestLock else { return framing.refuse(.invalidParameter) }
    framing.lock(forSeconds: seconds, rate: board.tickRate, at: now)
    framing.message.removeAll()
    framing.respond(at: now)
  }

  /// Serves the command APDU in the message.
  mutating func serveApplet(at now: Ticks) {
    do throws(StatusWord) {
      try applet.accept(framing.message.bytes.span.extracting(0..<framing.message.count))
    } catch {
      return answer(error, at: now)
    }
    execute(isTouched: false, at: now)
  }

  /// Executes the command that the applet has accepted, and answers it unless it wants the button.
  private mutating func execute(isTouched: Bool, at now: Ticks) {
    board.indicate(.working)
    framing.message.wipeContents()
    framing.message.append(bigEndian: StatusWord.success.rawValue)
    do throws(StatusWord) {
      let progress = try applet.execute(
        on: framing.channel, isTouched: isTouched, board: &board, response: &framing.message)
      switch progress {
      case .done where framing.message.isOverflowing: answer(.noSpace, at: now)
      case .done: finish(at: now)
      case .touchNeeded: beginTouch(at: now)
      }
    } catch {
      answer(error, at: now)
    }
  }

  /// Answers with a status word alone.
  private mutating func answer(_ word: StatusWord, at now: Ticks) {
    framing.message.wipeContents()
    framing.message.append(bigEndian: word.rawValue)
    finish(at: now)
  }

  private mutating func finish(at now: Ticks) {
    applet.request.wipe()
    board.indicate(.idle)
    framing.respond(at: now)
  }
}

// MARK: - The button

extension Token where B: ~Copyable {
  private var keepAliveInterval: UInt64 {
    board.tickRate.ticks(inMilliseconds: FramingLimits.keepAliveMilliseconds)
  }

  private mutating func beginTouch(at now: Ticks) {
    let timeout = board.tickRate.ticks(inMilliseconds: FramingLimits.touchTimeoutMilliseconds)
    touch = TouchWait(
      isOn: true, deadline: now.advanced(by: timeout), nextKeepAlive: now,
      wasReleased: !board.isTouched())
    board.indicate(.wantsTouch)
  }

  private mutating func endTouch(with word: StatusWord) {
    guard touch.isOn else { return }
    touch.isOn = false
    answer(word, at: board.ticks())
  }

  private mutating func endTouchWait() {
    touch.isOn = false
    board.indicate(.idle)
  }

  /// Drops a command that waits, and its transaction, without an answer.
  mutating func abandonCommand() {
    endTouchWait()
    applet.request.wipe()
    framing.finish()
  }
}
