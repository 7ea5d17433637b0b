import Testing
import TokenCore
import TokenSimulator

@Suite("The simulated board")
struct BoardTests {
  /// A board whose token asks for a touch.
  private func asking(_ mode: Button.Mode) -> SimulatedBoard {
    var board = SimulatedBoard(serialNumber: SerialNumber(rawValue: 1), button: Button(mode: mode))
    board.indicate(.wantsTouch)
    return board
  }

  @Test("an automatic button is pressed whenever it is wanted, and not else")
  func automatic() {
    var board = asking(.automatic)
    let first = board.isTouched()
    let second = board.isTouched()
    board.indicate(.idle)
    let idle = board.isTouched()
    #expect(first && second && !idle)
  }

  @Test("one press of a manual button serves once")
  func manual() {
    var board = asking(.manual)
    let before = board.isTouched()
    board.press()
    let pressed = board.isTouched()
    let after = board.isTouched()
    #expect(!before && pressed && !after)
  }

  @Test("a press that nobody wanted is over after its length")
  func stalePress() {
    var board = asking(.manual)
    board.press()
    board.clock.advance(by: TrueTicks(Button.pressLength - 1))
    var early = board
    let isStillDown = early.isTouched()
    board.clock.advance(by: TrueTicks(1))
    let isOver = !board.isTouched()
    #expect(isStillDown && isOver)
  }

  @Test("a press does not outlive the loss of the clock's count")
  func pressBeforeLoss() {
    var board = asking(.manual)
    board.clock.advance(by: TrueTicks(1_000_000))
    board.press()
    board.clock.setBattery(present: false)
    let isDown = board.isTouched()
    #expect(!isDown)
  }

  @Test("a button that is never pressed is never pressed")
  func never() {
    var board = asking(.never)
    board.press()
    let isDown = board.isTouched()
    #expect(!isDown)
  }

  @Test("the indicator keeps the last changes, with their ticks")
  func trace() {
    var board = SimulatedBoard(serialNumber: SerialNumber(rawValue: 1))
    for _ in 0..<Indicator.traceLength {
      board.clock.advance(by: TrueTicks(1))
      board.indicate(.working)
      board.indicate(.working)
      board.indicate(.idle)
    }
    #expect(board.indicator.trace.count == Indicator.traceLength)
    #expect(board.indicator.trace.last?.ticks == Ticks(UInt64(Indicator.traceLength)))
    #expect(board.indicator.trace.suffix(2).map(\.indication) == [.working, .idle])
  }

  @Test("seeded entropy repeats, differs by seed, and fails when told to")
  func entropy() {
    func bytes(_ source: inout EntropySource) -> [UInt8]? {
      var bytes = [UInt8](repeating: 0xAA, count: 37)
      var span = bytes.mutableSpan
      return source.fill(&span) ? bytes : nil
    }
    var first = EntropySource.seeded(1)
    var again = EntropySource.seeded(1)
    var other = EntropySource.seeded(2)
    let drawn = (bytes(&first), bytes(&again), bytes(&other), bytes(&first))
    #expect(drawn.0 == drawn.1)
    #expect(drawn.0 != drawn.2)
    #expect(drawn.0 != drawn.3)
    var system = EntropySource.system
    let two = (bytes(&system), bytes(&system))
    #expect(two.0 != nil && two.0 != two.1)
    system.isFailing = true
    let failed = bytes(&system)
    #expect(failed == nil)
  }

  @Test("new boards have serial numbers of their own")
  func serialNumbers() {
    let numbers = Set((0..<100).map { _ in SimulatedBoard.new().serialNumber })
    #expect(numbers.count == 100)
    let seeded = SimulatedBoard.new(entropy: .seeded(5)).serialNumber
    #expect(seeded == SimulatedBoard.new(entropy: .seeded(5)).serialNumber)
  }

  @Test("a token off its cable keeps its clock and its flash, and can be put back as it was")
  func cable() {
    var board = SimulatedBoard.new(entropy: .seeded(1))
    board.flash.program(at: 9 * 4096, [7].span)
    var token = SimulatedToken(board: board)
    let snapshot = token.board
    token.advance(by: TrueTicks(10))
    token.unplug()
    token.advance(by: TrueTicks(10))
    let wasPlugged = token.isPlugged
    #expect(!wasPlugged)
    let resting = token.board
    #expect(resting.clock.ticks == Ticks(20))
    #expect(resting.serialNumber == board.serialNumber)
    token.plug()
    let goesOn = token.board.clock.ticks
    token.restore(snapshot)
    let isPlugged = token.isPlugged
    #expect(isPlugged)
    #expect(goesOn == Ticks(20))
    let restored = token.board.clock
    #expect(restored.ticks == Ticks(0))
    #expect(restored.epoch == board.clock.epoch)
    token.setBattery(present: false)
    token.unplug()
    let epoch = token.board.clock.epoch
    #expect(epoch != board.clock.epoch)
  }
}
