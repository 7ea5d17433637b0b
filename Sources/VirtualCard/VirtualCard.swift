import Glibc
import TokenCore
import TokenSimulator

/// The simulated token as a smart card in a virtual reader, vpcd, which hands it to PC/SC.
///
/// A connection is the card in the reader: it is made when the token is on its cable and a reader is
/// there, and closed when the cable is pulled. A reader that goes away is looked for until it is back.
///
/// Commands are answered in the order in which they come. A control does not wait for the command before
/// it, so that a command that waits for the button keeps the reader from nothing: power off, on and
/// reset end it without an answer.
public final class VirtualCard: TokenAttachment {
  /// After that a reader that has asked nothing is silent, and an attempt to connect has failed.
  private static let longestSilence: UInt64 = 5_000_000_000
  /// While another program's transaction keeps a command from the token, in milliseconds.
  private static let turnInterval: Int32 = 5

  private enum Link {
    /// There is no connection, and none is made before that time.
    case none(until: UInt64)
    case connecting(Connection, until: UInt64)
    /// The reader asked nothing yet.
    case connected(Connection, silentAt: UInt64)
    case inserted(Connection)
    /// The token is off its cable.
    case removed
  }

  private enum Command {
    case none
    /// Another program's transaction goes on; this one waits for its turn.
    case held([UInt8])
    /// The token is at it.
    case running
  }

  private let reader: ReaderAddress
  /// In nanoseconds.
  private let retryInterval: UInt64
  private let report: (ReaderEvent) -> Void
  private var link = Link.none(until: 0)
  private var command = Command.none
  /// Whether the token still has to learn that the session is over.
  private var isSessionOver = false
  /// What was said of the reader's absence, so that it is said once.
  private var reportedOutage: ReaderEvent?

  /// - Parameters:
  ///   - retryInterval: milliseconds between two attempts to find the reader.
  ///   - report: told what happens, on the server's thread.
  public init(
    reader: ReaderAddress, retryInterval: UInt32 = 500,
    report: @escaping (ReaderEvent) -> Void = { _ in }
  ) {
    self.reader = reader
    self.retryInterval = UInt64(retryInterval) * 1_000_000
    self.report = report
  }

  // MARK: Waiting

  public var awaited: [pollfd] {
    switch link {
    case .none, .removed:
      return []
    case .connecting(let connection, _):
      return [pollfd(fd: connection.descriptor, events: Int16(POLLOUT), revents: 0)]
    case .connected(let connection, _), .inserted(let connection):
      // With a request there that cannot be served yet, others wait where they are; but some are
      // read, so that the reader's going away is noticed.
      let isFull =
        ReaderRequest.isWhole(in: connection.input)
        && connection.input.count > Connection.inputPortion
      let events = (isFull ? 0 : POLLIN) | (connection.wantsToWrite ? POLLOUT : 0)
      return [pollfd(fd: connection.descriptor, events: Int16(events), revents: 0)]
    }
  }

  public var patience: Int32? {
    if case .held = command { return Self.turnInterval }
    switch link {
    case .removed, .inserted: return nil
    case .connected where reportedOutage == .silent: return nil
    case .none(let time), .connecting(_, let time), .connected(_, let time):
      let now = MachineClock.nanoseconds()
      return now < time ? Int32(clamping: (time - now) / 1_000_000 + 1) : 0
    }
  }

  // MARK: Being served

  public func serve(_ token: inout LiveToken, ready: Set<Int32>) throws(ImageFailure) {
    endSession(&token)
    switch link {
    case .removed:
      if token.isPlugged { begin() }
    case .none(let time):
      if MachineClock.nanoseconds() >= time { begin() }
    case .connecting(let connection, let time):
      finish(connection, isDecided: ready.contains(connection.descriptor), by: time)
    case .connected(let connection, _), .inserted(let connection):
      if ready.contains(connection.descriptor) {
        connection.receive()
        ReaderAddress.acknowledge(connection)
      }
      try converse(over: connection, &token)
    }
  }

  public func tokenLeft() {
    close()
    if case .removed = link { return }
    link = .removed
    report(.removed)
  }

  private func endSession(_ token: inout LiveToken) {
    guard isSessionOver else { return }
    isSessionOver = false
    token.resetCard()
  }
}

// MARK: - The connection

extension VirtualCard {
  private func begin() {
    let deadline = MachineClock.nanoseconds() + Self.longestSilence
    do throws(SystemFailure) {
      link = .connecting(try reader.connect(), until: deadline)
    } catch {
      fail(error)
    }
  }

  private func finish(_ connection: Connection, isDecided: Bool, by deadline: UInt64) {
    let now = MachineClock.nanoseconds()
    do throws(SystemFailure) {
      if isDecided {
        try ReaderAddress.outcome(of: connection)
        link = .connected(connection, silentAt: now + Self.longestSilence)
      } else if now >= deadline {
        throw SystemFailure("connect", code: ETIMEDOUT)
      }
    } catch {
      fail(error)
    }
  }

  private func fail(_ failure: SystemFailure) {
    retryLater()
    reportOutage(.unreachable(failure))
  }

  private func lose() {
    let wasInserted = if case .inserted = link { true } else { false }
    close()
    retryLater()
    if wasInserted { report(.lost) } else { reportOutage(.silent) }
  }

  private func reportOutage(_ event: ReaderEvent) {
    guard event != reportedOutage else { return }
    reportedOutage = event
    report(event)
  }

  private func retryLater() {
    link = .none(until: MachineClock.nanoseconds() + retryInterval)
  }

  /// Leaves the session's end for the token to learn; the connection closes with the link.
  private func close() {
    command = .none
    isSessionOver = true
  }
}

// MARK: - Requests

extension VirtualCard {
  /// Answers all that can be answered now.
  private func converse(
    over connection: Connection, _ token: inout LiveToken
  ) throws(ImageFailure) {
    try advanceCommand(over: connection, &token)
    while isReadyForNext(connection), let request = ReaderRequest.take(from: &connection.input) {
      noteRequest(over: connection)
      switch request {
      case .control(.answerToReset): connection.send(ReaderRequest.frame(AnswerToReset.bytes))
      case .control(.powerOff), .control(.powerOn), .control(.reset):
        command = .none
        token.resetCard()
      case .command(let bytes): take(bytes, over: connection)
      }
      try advanceCommand(over: connection, &token)
    }
    connection.flush()
    if connection.isClosed {
      lose()
      endSession(&token)
    } else if case .connected(_, let time) = link, MachineClock.nanoseconds() >= time {
      reportOutage(.silent)
    }
  }

  /// A reader that does not take its answers gets no more of them, and a command waits for the one
  /// before.
  private func isReadyForNext(_ connection: Connection) -> Bool {
    connection.flush()
    guard !connection.wantsToWrite, !connection.isClosed else { return false }
    if case .none = command { return true }
    return ReaderRequest.isControl(in: connection.input)
  }

  private func noteRequest(over connection: Connection) {
    guard case .connected = link else { return }
    link = .inserted(connection)
    reportedOutage = nil
    report(.inserted)
  }

  private func take(_ bytes: [UInt8], over connection: Connection) {
    if bytes.count <= FramingLimits.messageSize {
      command = .held(bytes)
    } else {
      connection.send(ReaderRequest.frame(StatusWord.wrongLength.bytes))
    }
  }

  /// Hands a held command to the token once it is free, and fetches the answer once it is there.
  private func advanceCommand(
    over connection: Connection, _ token: inout LiveToken
  ) throws(ImageFailure) {
    if case .held(let bytes) = command, token.receive(apdu: bytes) { command = .running }
    if case .running = command, let response = try token.nextCardResponse() {
      command = .none
      connection.send(ReaderRequest.frame(response))
    }
  }
}

extension StatusWord {
  fileprivate var bytes: [UInt8] { [UInt8(rawValue >> 8), UInt8(truncatingIfNeeded: rawValue)] }
}
