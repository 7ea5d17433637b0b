import Glibc
import Loopback
import Testing
import TokenClient
import TokenCore

@testable import Conformance

/// A token that breaks a rule: a real one, behind a transport that changes what passes.
final class Mutant: TokenTransport {
  /// What is changed. Each takes what passes and gives what shall pass in its place.
  struct Change {
    /// Reports to the token; what is in the second part is put before the host as the token's.
    var sent: (Frame) -> (forwarded: [Frame], answered: [Frame]) = { ([$0], []) }
    /// Reports from the token.
    var received: (Frame) -> [Frame] = { [$0] }
    /// Whole requests to the applet.
    var request: ([UInt8]) -> [UInt8] = { $0 }
    /// Whole answers of the applet to a request, as the token got it.
    var answer: (_ request: [UInt8], _ answer: [UInt8]) -> [UInt8] = { $1 }
    /// Whether time passes when hands let it, and the bus sleeps when they want it to.
    var letsTimePass = true
    /// How long each report from the token is kept back.
    var delay = Duration.zero
    /// Whether the applet's messages have to be put together at all.
    var isAboutApplet = false
  }

  let base: LoopbackTransport
  var place: String { base.place }
  /// Nothing is changed before.
  var isArmed = false
  /// How many reports came from the token, and how many answers from its applet, while armed.
  private(set) var receivedReports = 0
  private(set) var receivedAnswers = 0

  /// The hands on it.
  var hands: any Hands { change.letsTimePass ? base.hands : StillHands(base.hands) }

  private let change: Change
  private var inbox: [(frame: Frame, due: Deadline)] = []
  private var outgoing: [ChannelID: Message] = [:]
  private var incoming: [ChannelID: Message] = [:]
  private var requests: [ChannelID: [UInt8]] = [:]

  /// An applet message on its way.
  private struct Message {
    var length: Int
    var bytes: [UInt8]
    var isComplete: Bool { bytes.count >= length }

    mutating func append(_ frame: Frame) {
      bytes += frame.payload.prefix(length - bytes.count)
    }
  }

  init(_ change: Change, _ base: LoopbackTransport = loopback()) {
    self.change = change
    self.base = base
  }

  func open() throws(TransportFailure) {
    inbox = []
    try base.open()
  }

  func close() {
    base.close()
  }

  func write(_ report: Report) throws(TransportFailure) {
    guard isArmed else { return try base.write(report) }
    let (forwarded, answered) = change.sent(Frame(report))
    for frame in forwarded {
      for changed in changedRequest(frame) { try base.write(changed.report) }
    }
    inbox += answered.map { ($0, .now) }
  }

  func read(before deadline: Deadline) throws(TransportFailure) -> Report? {
    while true {
      if let first = inbox.first, first.due.hasPassed { return inbox.removeFirst().frame.report }
      guard let report = try base.read(before: inbox.isEmpty ? deadline : .now) else {
        guard let first = inbox.first, !deadline.hasPassed else { return nil }
        usleep(useconds_t(min(first.due, deadline).remainingNanoseconds / 1_000 + 1))
        continue
      }
      guard isArmed else { return report }
      receivedReports += 1
      let due = Deadline(in: change.delay)
      for frame in changedAnswer(Frame(report)) {
        inbox += change.received(frame).map { ($0, due) }
      }
    }
  }

  // MARK: The applet's messages

  private func changedRequest(_ frame: Frame) -> [Frame] {
    guard change.isAboutApplet, let message = whole(frame, in: &outgoing) else {
      return isHeld(frame, in: outgoing) ? [] : [frame]
    }
    let request = change.request(message)
    requests[frame.channel] = request
    return Frame.message(.applet, request, on: frame.channel)
  }

  private func changedAnswer(_ frame: Frame) -> [Frame] {
    guard change.isAboutApplet, let message = whole(frame, in: &incoming) else {
      return isHeld(frame, in: incoming) ? [] : [frame]
    }
    receivedAnswers += 1
    let answer = change.answer(requests[frame.channel] ?? [], message)
    return Frame.message(.applet, answer, on: frame.channel)
  }

  /// Whether `frame` is a part of a message that is not whole yet.
  private func isHeld(_ frame: Frame, in messages: [ChannelID: Message]) -> Bool {
    messages[frame.channel] != nil
  }

  /// The message that `frame` is the last packet of.
  private func whole(_ frame: Frame, in messages: inout [ChannelID: Message]) -> [UInt8]? {
    switch frame.header {
    case .initialization(FramingCommand.applet.rawValue, let length):
      messages[frame.channel] = Message(length: length, bytes: [])
    case .initialization:
      messages[frame.channel] = nil
      return nil
    case .continuation:
      break
    }
    messages[frame.channel]?.append(frame)
    guard let message = messages[frame.channel], message.isComplete else { return nil }
    messages[frame.channel] = nil
    return message.bytes
  }
}

/// Hands on a token whose time passes by itself alone, and whose bus never sleeps.
final class StillHands: Hands {
  private let base: any Hands

  init(_ base: any Hands) {
    self.base = base
  }

  func pressButton() throws(Unable) { try base.pressButton() }
  func leaveButton() throws(Unable) { try base.leaveButton() }
  func warp(_ length: Duration) throws(Unable) {}
  func suspendBus() throws(Unable) {}
  func letGo() { base.letGo() }

  func replug(_ transport: any TokenTransport, holdsCredentials: Bool) throws(Unable) {
    try base.replug(transport, holdsCredentials: holdsCredentials)
  }

  func loseClock(_ transport: any TokenTransport) throws(Unable) {
    try base.loseClock(transport)
  }
}

/// A rule that a token breaks, and the checks that have to find it out.
struct Fault: Sendable {
  let name: String
  let checks: [String]
  let change: @Sendable () -> Mutant.Change

  init(
    _ name: String, _ checks: [String], change: @escaping @Sendable () -> Mutant.Change
  ) {
    self.name = name
    self.checks = checks
    self.change = change
  }

  /// One about reports.
  static func reports(
    _ name: String, _ checks: [String], _ received: @escaping @Sendable (Frame) -> [Frame]
  ) -> Fault {
    Fault(name, checks) { Mutant.Change(received: received) }
  }

  /// One about what the applet is asked.
  static func asked(
    _ name: String, _ checks: [String], _ request: @escaping @Sendable ([UInt8]) -> [UInt8]
  ) -> Fault {
    Fault(name, checks) { Mutant.Change(request: request, isAboutApplet: true) }
  }

  /// One about the applet's answers.
  static func answered(
    _ name: String, _ checks: [String],
    _ answer: @escaping @Sendable (_ request: [UInt8], _ answer: [UInt8]) -> [UInt8]
  ) -> Fault {
    Fault(name, checks) { Mutant.Change(answer: answer, isAboutApplet: true) }
  }

  /// The faults that their checks did not find out.
  static func undetected(_ faults: [Fault]) -> [String] {
    together(faults.flatMap { fault in fault.checks.map { (fault, $0) } }) { fault, id in
      let outcome = try run(id, on: Mutant(fault.change())).outcome(of: id)
      if outcome?.isFailure == true { return nil }
      return "\(fault.name), in \(id): \(outcome.map { "\($0)" } ?? "there is no such check")"
    }
  }
}

/// Runs one check on a mutant.
///
/// - Parameter patience: short, as one that does not answer is not waited for.
func run(
  _ id: String, on mutant: Mutant, patience: Duration = .milliseconds(150)
) throws -> CheckReport {
  let suite = Suite(mutant, hands: mutant.hands)
  suite.patience = patience
  return try suite.run(only: id, slow: true) { event in
    switch event {
    case .starting(let check, _, _): mutant.isArmed = check.id == id
    case .finished: mutant.isArmed = false
    case .introduced: break
    }
  }
}
