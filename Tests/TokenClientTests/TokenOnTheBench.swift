import OATH
import TokenClient
import TokenCore

/// A real token on a board in memory, with cables to several hosts. What it sends reaches every
/// host, as with an operating system's raw HID device. Its ticks pass only while a host waits for
/// it, and when a test says so.
final class TokenOnTheBench {
  private var token: Token<MemoryBoard>
  private var hosts: [Cable] = []
  /// Channels of the commands that were sent, in their order, INIT's not counted.
  private(set) var commandChannels: [UInt32] = []
  /// Whether the button is being pressed whenever the token asks for it.
  var pressesButton = false

  init(_ board: MemoryBoard = MemoryBoard()) {
    token = Token(board: board)
  }

  /// Pulls the cable and puts it back: what is not in the flash is gone.
  func restart(_ change: (inout MemoryBoard) -> Void = { _ in }) {
    var board = token.board
    change(&board)
    token = Token(board: board)
  }

  /// The bus was reset or suspended, or the cable pulled while the board kept its power.
  func busChanged() { token.busChanged() }

  func pass(seconds: UInt64) {
    token.board.now = token.board.now.advanced(by: seconds * 32_768)
    token.poll()
  }

  var seesWink: Bool { token.board.hasWinked }

  func cable() -> Cable {
    let cable = Cable(self)
    hosts.append(cable)
    return cable
  }

  func session(isCancelled: (() -> Bool)? = nil) throws -> TokenSession {
    let cable = cable()
    let framing = FramingSession(over: cable, patience: .ample)
    framing.isCancelled = isCancelled
    return try TokenSession(on: framing)
  }

  /// What a program sends that made its reports up.
  func take(_ report: Report) {
    let bytes = report.bytes.span.array
    if bytes[4] == 0x80 | FramingCommand.applet.rawValue {
      commandChannels.append(bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) })
    }
    token.board.isPressed = false
    token.receive(report)
    deliver()
  }

  /// Lets a little time pass. Returns `false` when the token waits for nothing, so that nothing
  /// will come.
  fileprivate func work() -> Bool {
    guard token.isWaiting else { return false }
    token.board.isPressed = pressesButton && token.wantsTouch
    token.board.now = token.board.now.advanced(by: 327)  // 10 ms
    token.poll()
    deliver()
    return true
  }

  private func deliver() {
    while let report = token.nextReport() {
      for host in hosts { host.inbox.append(report) }
    }
  }

  final class Cable: TokenTransport {
    let place = "bench"
    fileprivate var inbox: [Report] = []
    private let token: TokenOnTheBench

    fileprivate init(_ token: TokenOnTheBench) { self.token = token }

    func open() throws(TransportFailure) { inbox = [] }
    func close() {}
    func write(_ report: Report) throws(TransportFailure) { token.take(report) }

    func read(before deadline: Deadline) throws(TransportFailure) -> Report? {
      while inbox.isEmpty {
        guard token.work(), !deadline.hasPassed else { return nil }
      }
      return inbox.removeFirst()
    }
  }
}

/// NOR flash in memory, ticks and a button in a test's hands.
struct MemoryBoard: Board {
  var body: Body { .simulated }
  var serialNumber = SerialNumber(rawValue: 0x00C0_FFEE_0000_0001)
  var tickRate: TickRate { TickRate(ticksPerSecond: 32_768) }
  var crystalTolerance: PartsPerBillion { PartsPerBillion(20_000) }
  var tickEpoch = TickEpoch(rawValue: 1)
  var now = Ticks(1)
  var isPressed = false
  var hasWinked = false
  var memory = [UInt8](repeating: 0xFF, count: 32 * 4096)
  var random = SplitMix(seed: 42)

  var sectorCount: Int { 32 }
  var sectorSize: Int { 4096 }

  mutating func ticks() -> Ticks { now }
  mutating func isTouched() -> Bool { isPressed }
  mutating func indicate(_ indication: Indication) { hasWinked = hasWinked || indication == .wink }

  mutating func fillWithEntropy(_ bytes: inout MutableSpan<UInt8>) -> Bool {
    for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: random.next()) }
    return true
  }

  mutating func read(at address: Int, into bytes: inout MutableSpan<UInt8>) {
    for index in bytes.indices { bytes[index] = memory[address + index] }
  }

  mutating func program(at address: Int, _ bytes: Span<UInt8>) {
    for index in bytes.indices { memory[address + index] &= bytes[index] }
  }

  mutating func erase(sector: Int) {
    for index in 0..<sectorSize { memory[sector * sectorSize + index] = 0xFF }
  }
}
