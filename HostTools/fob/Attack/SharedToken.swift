import TokenClient
import TokenCore
import TokenSimulator

/// A token on the cable of a computer where several programs run. What it sends reaches each of them, as
/// with Linux's hidraw. Its time passes by hand, and while a program waits for it; nobody presses its
/// button.
final class SharedToken {
  private var token: SimulatedToken
  private var firmware: OlderFirmware?
  private var programs: [Cable] = []
  private var requests = HIDAssembly()

  init(_ rule: NeighbourRule, seed: UInt64) {
    let board = SimulatedBoard(
      serialNumber: SerialNumber(rawValue: 0x57), entropy: .seeded(seed))
    token = SimulatedToken(board: board)
    token.setButton(.manual)
    if !rule.isWatchfob { firmware = OlderFirmware(rule, seed: seed) }
  }

  /// Another program opens it.
  func cable() -> Cable {
    let cable = Cable(self)
    programs.append(cable)
    return cable
  }

  func pass(seconds: Int64) {
    token.advance(by: TrueTicks(Microseconds(seconds * 1_000_000)))
    token.poll()
  }

  /// A bus reset, or the computer's sleep.
  func changeBus() {
    token.busChanged()
  }

  fileprivate func take(_ report: Report) {
    guard firmware != nil else {
      token.receive(report)
      return deliver()
    }
    guard let message = requests.take(report) else { return }
    guard let answer = firmware?.answer(message, exchange) else { return }
    for report in answer.reports { hand(report) }
  }

  /// Has the core carry out a message, and waits for its answer.
  private func exchange(_ message: HIDMessage, _ presses: Bool) -> HIDMessage? {
    for report in message.reports { token.receive(report) }
    var answers = HIDAssembly()
    var moments = 0
    while moments < 2_000 {
      while let report = token.nextReport() {
        let answer = answers.take(report)
        if let answer, answer.command != FramingCommand.keepAlive.rawValue { return answer }
      }
      if presses, token.wantsTouch { token.press() }
      letTimePass()
      moments += 1
    }
    return nil
  }

  /// Lets a moment pass if the token waits for something.
  fileprivate func work() -> Bool {
    guard firmware == nil, token.isWaiting else { return false }
    letTimePass()
    deliver()
    return true
  }

  private func letTimePass() {
    token.advance(by: TrueTicks(Microseconds(10_000)))
    token.poll()
  }

  private func deliver() {
    while let report = token.nextReport() { hand(report) }
  }

  private func hand(_ report: Report) {
    for program in programs { program.inbox.append(report) }
  }

  /// A program's way to the token.
  final class Cable: TokenTransport {
    let place = "the shared token"
    fileprivate var inbox: [Report] = []
    private let token: SharedToken

    fileprivate init(_ token: SharedToken) { self.token = token }

    func open() {}
    func close() {}
    func write(_ report: Report) { token.take(report) }

    func read(before deadline: Deadline) -> Report? {
      while inbox.isEmpty {
        guard token.work() else { return nil }
      }
      return inbox.removeFirst()
    }
  }
}
