import Glibc
import TokenClient
import TokenCore
import TokenSimulator

/// A transport to a simulated token within this process.
///
/// Opening it puts the token on its cable, closing it pulls the cable out; what the token keeps in
/// its flash, and its clock, outlive that.
public final class LoopbackTransport: TokenTransport {
  public enum Source: Sendable {
    /// A token in an image file, which is locked as long as the transport is open. Its time passes as
    /// this machine's; one that is made for want of a file has this machine's time of day.
    case image(file: String, createIfMissing: Bool)
    /// A token in memory, which lives as long as the transport does.
    case memory(SimulatedBoard, Time)
  }

  /// How time passes for a token in memory.
  public enum Time: Sendable {
    case real
    /// Only by `advance(by:)`; and a `read` that waits for the token lets it pass, a millisecond at
    /// a look, instead of waiting. So the same calls always end the same way.
    case byHand
  }

  public let place: String
  private let source: Source
  /// A token in memory is always there, one in a file while the transport is open.
  private var token: LiveToken?
  private var isOpen = false

  /// - Parameter place: what a person wrote to choose this token.
  public init(_ source: Source, place: String = "sim") {
    self.place = place
    self.source = source
    token =
      switch source {
      case .memory(let board, let time):
        LiveToken(board: board, plugged: false, realTime: time == .real)
      case .image:
        nil
      }
  }

  public func open() throws(TransportFailure) {
    guard !isOpen else { return }
    do throws(ImageFailure) {
      if case .image(let file, let createIfMissing) = source {
        token = try Self.open(file, createIfMissing)
      } else {
        try token?.plug()
      }
    } catch {
      throw TransportFailure(error, place: place)
    }
    isOpen = true
  }

  private static func open(
    _ file: String, _ createIfMissing: Bool
  ) throws(ImageFailure) -> LiveToken {
    if createIfMissing && access(file, F_OK) != 0 {
      do throws(ImageFailure) {
        try TokenImage.create(at: file, board: .inTime())
      } catch .exists {
        // Another program was faster; its token is as good.
      }
    }
    return try LiveToken(image: TokenImage(opening: file))
  }

  public func write(_ report: Report) throws(TransportFailure) {
    try requireCable()
    token?.receive(report)
  }

  public func read(before deadline: Deadline) throws(TransportFailure) -> Report? {
    while true {
      try requireCable()
      if let report = try next() { return report }
      guard !deadline.hasPassed else { return nil }
      letTimePass(until: deadline)
    }
  }

  public func close() {
    guard isOpen else { return }
    isOpen = false
    // What counts was saved before the token answered. What may be lost is where the clock was just
    // now, and the next start finds that by the time that passed since it was saved before.
    if case .image = source {
      try? token.take()?.close()
    } else {
      try? token?.unplug()
    }
  }

  deinit {
    close()
  }

  // MARK: Around the wire

  /// Does to the token what hands, time and a screwdriver do; open or not.
  @discardableResult
  public func perform(_ request: ControlRequest) throws(ControlFailure) -> TokenStatus {
    if case .image(let file, _) = source, !isOpen {
      return try SimulatorControl(.image(file: file)).perform(request)
    }
    return try token!.perform(request)
  }

  /// Lets time pass for the token alone. Nothing happens to a token in a file that is not open.
  public func advance(by length: Microseconds) {
    token?.advance(by: TrueTicks(length))
  }

  /// Does to the token what a host does that resets, suspends or configures its bus: it keeps its power,
  /// and forgets what was proved to it, LOCK, a staged update and whatever was under way.
  public func changeBus() {
    token?.busChanged()
  }

  /// A copy of the board; `nil` for a token in a file that is not open.
  public var board: SimulatedBoard? {
    switch token {
    case .some(let token): token.board
    case .none: nil
    }
  }

  private func next() throws(TransportFailure) -> Report? {
    do throws(ImageFailure) {
      if let report = try token?.nextReport() { return report }
      token?.poll()
      return try token?.nextReport()
    } catch {
      throw TransportFailure(error, place: place)
    }
  }

  private func letTimePass(until deadline: Deadline) {
    let (isWaiting, wantsTouch) =
      switch token {
      case .some(let token): (token.isWaiting, token.wantsTouch)
      case .none: (false, false)
      }
    if case .memory(_, .byHand) = source, isWaiting {
      advance(by: Microseconds(1_000))
    } else {
      // Nothing can come that does not come by itself; the caller is kept waiting all the same.
      let limit: UInt64 = wantsTouch ? 1_000_000 : 20_000_000
      usleep(useconds_t(min(deadline.remainingNanoseconds, limit) / 1_000 + 1))
    }
  }

  private func requireCable() throws(TransportFailure) {
    let isPlugged =
      switch token {
      case .some(let token): token.isPlugged
      case .none: false
      }
    guard isOpen && isPlugged else { throw .vanished(place: place) }
  }
}

extension SimulatedBoard {
  /// A new board with this computer's time of day. `SimulatedBoard.new()` makes one whose clock was
  /// never set.
  public static func inTime() -> SimulatedBoard {
    .new(at: HostClock.now, uncertainty: min(HostClock().error, Microseconds(3_600_000_000)))
  }
}

extension TransportFailure {
  /// What a failure of the image means to someone who wants to talk to its token.
  fileprivate init(_ failure: ImageFailure, place: String) {
    self =
      switch failure {
      case .notFound: .notFound(place: place)
      case .permissionDenied: .permissionDenied(place: place)
      case .inUse(_, let process?): .inUse(place: "\(place) (process \(process))")
      case .inUse: .inUse(place: place)
      default: .unusable(place: place, reason: failure.reason)
      }
  }
}
