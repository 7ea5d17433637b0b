import Foundation
import Testing
import TokenCore
import TokenSimulator

@Suite("The token image")
struct ImageTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("token.image") }
  private let noon = UnixTime(microseconds: 1_700_000_000_000_000)

  private func open(_ path: String, now: UnixTime) throws -> SimulatedBoard {
    try TokenImage(opening: path, patience: 0).readBoard(now: now)
  }

  @Test("a new image is this user's alone, in folders of this user's alone")
  func creation() throws {
    let path = folder.file("a/b/token.image")
    try TokenImage.create(at: path, board: .new())
    #expect(permissions(path) == 0o600)
    #expect(permissions(folder.file("a")) == 0o700)
    #expect(permissions(folder.file("a/b")) == 0o700)
    #expect(contents(path).count == 4096 + 32 * 4096)
    #expect(throws: ImageFailure.exists(path: path)) {
      try TokenImage.create(at: path, board: .new())
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("a/b")).count == 1)
  }

  @Test("everything that a board has comes back from its file")
  func roundTrip() throws {
    for seed in 0..<10 as Range<UInt64> {
      var random = Seed(seed)
      let path = folder.file("token\(seed)")
      var board = SimulatedBoard(
        serialNumber: SerialNumber(rawValue: random.next()),
        clock: SimulatedClock(
          epoch: TickEpoch(rawValue: random.next()), ticks: Ticks(random.next() >> 10),
          remainder: Int64.random(in: -999_999_999...999_999_999, using: &random),
          crystalOffset: PartsPerBillion(Int32.random(in: -20_000...20_000, using: &random))),
        button: Button(mode: Button.Mode.allCases.randomElement(using: &random)!))
      for _ in 0..<50 { anyOperation(on: &board.flash, &random) }
      try TokenImage.create(at: path, board: board, now: noon)
      let back = try open(path, now: noon)
      #expect(back.serialNumber == board.serialNumber, "repeat with: seed \(seed)")
      #expect(back.clock == board.clock, "repeat with: seed \(seed)")
      #expect(back.button == board.button, "repeat with: seed \(seed)")
      #expect(same(back.flash.bytes, board.flash.bytes), "repeat with: seed \(seed)")
    }
  }

  @Test("between two runs the clock goes on by the time that passed, and never backwards")
  func clockBetweenRuns() throws {
    let clock = SimulatedClock(ticks: Ticks(1_000), crystalOffset: PartsPerBillion(10_000))
    try TokenImage.create(
      at: path, board: SimulatedBoard(serialNumber: SerialNumber(rawValue: 1), clock: clock),
      now: noon)
    let hour = Microseconds(3_600_000_000)
    let later = try open(path, now: noon + hour).clock
    // 3,600 s x 32,768, and 10 ppm of that.
    #expect(later.ticks == Ticks(1_000 + 117_964_800 + 1_179))
    #expect(later.epoch == clock.epoch)
    let earlier = UnixTime(microseconds: noon.microseconds - 1)
    #expect(try open(path, now: earlier).clock == clock)
    let farAway = UnixTime(microseconds: .max)
    #expect(try open(path, now: farAway).clock.ticks > later.ticks)
  }

  @Test("without a battery the count is lost between two runs")
  func noBattery() throws {
    var board = SimulatedBoard.new()
    board.clock.setCable(plugged: true)
    board.clock.setBattery(present: false)
    board.clock.advance(by: TrueTicks(77))
    try TokenImage.create(at: path, board: board, now: noon)
    let clock = try open(path, now: noon + Microseconds(1_000_000)).clock
    #expect(clock.epoch != board.clock.epoch)
    #expect(clock.ticks == Ticks(0))
    #expect(!clock.hasBattery)
  }

  @Test("what was saved is there, however the process ended")
  func killed() throws {
    for seed in 0..<10 as Range<UInt64> {
      var random = Seed(seed)
      let path = folder.file("token\(seed)")
      var board = SimulatedBoard.new()
      board.flash.recordsChanges = true
      try TokenImage.create(at: path, board: board, now: noon)
      for _ in 0..<10 {
        var image = try TokenImage(opening: path, patience: 0)
        for _ in 0..<Int.random(in: 0...10, using: &random) {
          anyOperation(on: &board.flash, &random)
        }
        board.clock.advance(by: TrueTicks(9))
        try image.save(board, board.flash.takeChanges(), now: noon)
        // Not closed: its file goes as it would with the process.
        _ = consume image
        let back = try open(path, now: noon)
        #expect(same(back.flash.bytes, board.flash.bytes), "repeat with: seed \(seed)")
        #expect(back.clock == board.clock, "repeat with: seed \(seed)")
      }
    }
  }

  @Test("the changes reach the file in the order in which they happened")
  func order() throws {
    // Each change on its own leaves what the flash held right after it.
    var random = Seed(11)
    var board = SimulatedBoard.new()
    board.flash.recordsChanges = true
    try TokenImage.create(at: path, board: board)
    var image = try TokenImage(opening: path)
    var states: [[UInt8]] = []
    for _ in 0..<60 {
      let before = board.flash.changes.count
      anyOperation(on: &board.flash, &random)
      if board.flash.changes.count > before { states.append(board.flash.bytes) }
    }
    for (change, state) in zip(board.flash.takeChanges(), states) {
      try image.save(board, [change])
      #expect(same(Array(contents(path).suffix(SimulatedFlash.size)), state))
    }
  }

  @Test("a second program is told which process has the image")
  func locking() throws {
    try TokenImage.create(at: path, board: .new())
    let token = try LiveToken(image: TokenImage(opening: path))
    #expect(throws: ImageFailure.inUse(path: path, process: getpid())) {
      _ = try TokenImage(opening: path, patience: 20)
    }
    try token.close()
    #expect(try open(path, now: noon).serialNumber.rawValue != 0)
  }

  @Test("an image that is put in this one's place is whole, locked and found by its name")
  func replacing() throws {
    try TokenImage.create(at: path, board: .new())
    var image = try TokenImage(opening: path)
    var other = SimulatedBoard.new()
    other.flash.program(at: 5, [0].span)
    try image.replace(with: other, now: noon)
    #expect(throws: ImageFailure.self) { _ = try TokenImage(opening: path, patience: 0) }
    _ = consume image
    let back = try open(path, now: noon)
    #expect(back.serialNumber == other.serialNumber)
    #expect(same(back.flash.bytes, other.flash.bytes))
    #expect(folder.names == ["token.image"])
    #expect(permissions(path) == 0o600)
  }

  @Test("a file that is no image, or not a whole one, is refused and left as it is")
  func damage() throws {
    try TokenImage.create(at: path, board: .new())
    let good = contents(path)
    var version = good
    version[9] = 2
    let size = good.count
    var cases: [(bytes: [UInt8], failure: ImageFailure)] = [
      ([], .foreign(path: path)),
      (Array("hello".utf8), .foreign(path: path)),
      ([UInt8](repeating: 0, count: size), .foreign(path: path)),
      (Array(good[1...]), .foreign(path: path)),
      (version, .unknownVersion(path: path, version: 2)),
      (good + [0], .wrongSize(path: path, size: size + 1, expected: size)),
    ]
    for count in [8, 9, 10, 127, 128, 4095, 4096, size - 1] {
      cases.append((Array(good[..<count]), .wrongSize(path: path, size: count, expected: size)))
    }
    for (bytes, failure) in cases {
      try setContents(path, bytes)
      #expect(throws: failure) { try open(path, now: noon) }
      #expect(same(contents(path), bytes))
      #expect(failure.description.hasSuffix("."))
    }
  }

  @Test("any changed byte of the header is noticed")
  func corruptHeader() throws {
    try TokenImage.create(at: path, board: .new())
    let good = contents(path)
    for offset in 0..<128 {
      for bit in [0, 7] {
        var bytes = good
        bytes[offset] ^= 1 << bit
        try setContents(path, bytes)
        #expect(throws: ImageFailure.self, "byte \(offset)") { try open(path, now: noon) }
      }
    }
    try setContents(path, good)
    _ = try open(path, now: noon)
  }

  @Test("a file that others may open, a link, a folder and nothing at all are refused")
  func wrongFiles() throws {
    try TokenImage.create(at: path, board: .new())
    for mode in [0o644, 0o640, 0o660, 0o604, 0o601] {
      chmod(path, mode_t(mode))
      #expect(throws: ImageFailure.exposed(path: path, mode: UInt32(mode))) {
        try open(path, now: noon)
      }
    }
    chmod(path, 0o600)
    let link = folder.file("link")
    symlink(path, link)
    #expect(throws: ImageFailure.notAFile(path: link)) { try open(link, now: noon) }
    #expect(throws: ImageFailure.exists(path: link)) {
      try TokenImage.create(at: link, board: .new())
    }
    #expect(throws: ImageFailure.notAFile(path: folder.path)) { try open(folder.path, now: noon) }
    let pipe = folder.file("pipe")
    mkfifo(pipe, 0o600)
    #expect(throws: ImageFailure.notAFile(path: pipe)) { try open(pipe, now: noon) }
    let nothing = folder.file("nothing")
    #expect(throws: ImageFailure.notFound(path: nothing)) { try open(nothing, now: noon) }
    #expect(throws: ImageFailure.notFound(path: path + "/x")) { try open(path + "/x", now: noon) }
  }

  @Test("an image that may only be read can be read, and not be changed")
  func readOnly() throws {
    try TokenImage.create(at: path, board: .new())
    chmod(path, 0o400)
    let before = contents(path)
    _ = try TokenImage(opening: path, forReading: true).readBoard()
    var image = try TokenImage(opening: path, forReading: true)
    let board = try image.readBoard()
    #expect(throws: ImageFailure.self) { try image.save(board, []) }
    #expect(same(contents(path), before))
  }
}
