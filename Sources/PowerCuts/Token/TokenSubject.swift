import OATH
import TokenCore

/// A whole token under power cuts, through its commands.
final class TokenSubject: CutSubject {
  let run: String
  private let mutation: Mutation?
  private var session: TokenSession
  private var workload: TokenWorkload
  private var random: SplitMix
  private var model = TokenModel()
  /// What a host finds out before and after the last command, if the power goes away then.
  private var before: TokenObservation
  private var after: TokenObservation
  private(set) var modelBefore = TokenModel()
  private var command = TokenCommand.syncClock
  /// All secrets of the past.
  private var dead: [[UInt8]] = []
  private var ticks: UInt64 = 1000

  /// 2026-01-01T00:00:00Z, when the ticks stood at 1,000.
  private static let start: Int64 = 1_767_225_600

  init(_ run: CutRun) throws(Complaint) {
    self.run = "\(run)"
    mutation = run.mutation
    let seed = run.seed
    random = SplitMix(seed: seed)
    workload = TokenWorkload(seed: random.next())
    let flash = NORFlash(sectorCount: run.sectorCount, sectorSize: run.sectorSize)
    session = TokenSession(flash, mutation, now: Ticks(1000), seed: seed)
    try session.open()
    _ = try session.select()
    _ = session.flash.answered()
    var copy = TokenSession(session.flash.cells, mutation, now: Ticks(1000), seed: seed)
    before = try TokenObservation(&copy, knowing: [model])
    after = before
    // Once round the ring, so that what follows compacts and erases.
    while mutation == nil, session.flash.cells.erasures.reduce(0, +) < 1 { _ = try step() }
  }

  func step() throws(Complaint) -> CutTrace {
    // Now and then from a fresh start, otherwise with what the token still has in memory.
    if random.next() % 4 == 0 { session = boot(session.flash.cells, seed: random.next()) }
    ticks += (random.next() % 100) * UInt64(CutBoard.rate.ticksPerSecond)
    session.setTime(Ticks(ticks))
    command = workload.next(for: model)
    try authenticate()
    modelBefore = model
    before = try observe(session.flash.cells, [model])
    try before.expect(model, at: time)
    model.perform(command)

    let flash = session.flash.cells
    if case .verifyPIN = command, mutation == nil { try expectSpentFirst(flash) }
    session.flash.cells.recordsEvents = true
    try perform(command, on: &session)
    let answeredAfter = session.flash.cells.events.count
    let isLate = session.flash.answered()
    let events = session.flash.cells.takeEvents()
    session.flash.cells.recordsEvents = false
    after = try observe(session.flash.cells, [model])
    if mutation == nil { try after.expect(model, at: time) }
    try check(session.flash.cells)
    dead = (dead + modelBefore.secrets).filter { !model.secrets.contains($0) }
    for secret in dead where mutation == nil && session.flash.cells.contains(traceOf: secret) {
      throw Complaint("a trace of a secret that was replaced or deleted, after \(command)")
    }
    return CutTrace(
      flash: flash, events: events, answeredAfter: isLate ? answeredAfter : events.count)
  }

  func recover(from flash: NORFlash) throws(Complaint) -> [FlashEvent] {
    var flash = flash
    flash.recordsEvents = true
    var session = boot(flash, seed: 1)
    _ = session.flash.answered()
    return session.flash.cells.takeEvents()
  }

  func judge(_ flash: NORFlash, isAnswered: Bool, chance: UInt64) throws(Complaint) {
    var session = boot(flash, seed: chance)
    _ = session.flash.answered()
    var cells = session.flash.cells
    let found = try TokenObservation(&session, knowing: [model, modelBefore])
    let states = try models(of: found, isAnswered: isAnswered)
    try check(cells)
    let isClean = states.contains { state in
      (modelBefore.secrets + model.secrets).allSatisfy {
        state.secrets.contains($0) || !cells.contains(traceOf: $0)
      }
    }
    guard isClean else { throw Complaint("a trace of a secret that is not there") }

    // Marginal bits read differently the next time, where there are any left.
    cells.powerUp()
    let again = try observe(cells, states)
    guard again.without(identifierOf: found) == found.without(identifierOf: found) else {
      throw Complaint("another start, another token")
    }
  }

  /// Which of the states that are allowed the token may be in: two look alike if the clock is not set.
  private func models(
    of found: TokenObservation, isAnswered: Bool
  ) throws(Complaint) -> [TokenModel] {
    if case .reset = command, found.identifier != before.identifier {
      var same = found
      same.identifier = after.identifier
      if same == after { return [model] }
      // A clock that runs is written down once all else is wiped.
      same.clock = after.clock
      if !isAnswered, found.clock == [[0]], same == after { return [TokenModel()] }
    }
    if found == after { return found == before && !isAnswered ? [model, modelBefore] : [model] }
    if !isAnswered {
      if found == before { return [modelBefore] }
      // The right PIN spends a try as well, until it is known to be right.
      var between = before
      for tries in [modelBefore.tries - 1, TokenModel.allTries] where triesMayDiffer {
        between.tries = tries
        if found == between { return [modelBefore] }
      }
    }
    throw Complaint("neither before nor after \(command): \(found), not \(before) or \(after)")
  }

  private var triesMayDiffer: Bool {
    switch command {
    case .changePIN: true
    case .verifyPIN(let pin): pin == modelBefore.pin
    case .setAccessKey: modelBefore.accessKey == nil && modelBefore.pin != nil
    default: false
    }
  }

  // MARK: Tokens

  private var time: Seconds {
    Seconds(Self.start + Int64(ticks - 1000) / Int64(CutBoard.rate.ticksPerSecond))
  }

  /// A host's time; the ticks only ever move by whole seconds.
  var microseconds: Int64 { time.rawValue * 1_000_000 }

  private func boot(_ flash: NORFlash, seed: UInt64) -> TokenSession {
    TokenSession(flash, mutation, now: Ticks(ticks), seed: seed)
  }

  private func observe(
    _ flash: NORFlash, _ models: [TokenModel]
  ) throws(Complaint) -> TokenObservation {
    var session = boot(flash, seed: 2)
    return try TokenObservation(&session, knowing: models)
  }

  /// Proves to the token all that there is to prove, as a host would.
  private func authenticate() throws(Complaint) {
    try session.open()
    let selection = try session.select()
    if Fields.value(0x74, in: selection) != nil {
      _ = try session.validate([model.accessKey ?? []])
    }
    if let pin = model.pin, model.tries > 0, !command.isAboutPIN {
      guard session.apdu(0xB2, Fields.field(0x80, pin)).isSuccess else {
        throw Complaint("the PIN is refused")
      }
      model.tries = TokenModel.allTries
    }
    _ = session.flash.answered()
  }

  /// The right PIN and a wrong one have to look alike to the flash until a try is spent: else the power
  /// could be cut once it is known which it was, and before that has cost anything.
  private func expectSpentFirst(_ flash: NORFlash) throws(Complaint) {
    guard let pin = modelBefore.pin else { return }
    let right = try events(ofVerifying: pin, on: flash)
    let wrong = try events(ofVerifying: pin.map { $0 ^ 1 }, on: flash)
    var flash = flash
    for (event, other) in zip(right, wrong) {
      guard event == other else { break }
      flash.apply(event)
    }
    guard try observe(flash, [modelBefore]).tries == modelBefore.tries - 1 else {
      throw Complaint("the PIN is compared before a try is spent")
    }
  }

  private func events(
    ofVerifying pin: [UInt8], on flash: NORFlash
  ) throws(Complaint) -> [FlashEvent] {
    var flash = flash
    flash.recordsEvents = true
    var session = boot(flash, seed: 3)
    try session.open()
    _ = session.apdu(0xB2, Fields.field(0x80, pin))
    return session.flash.cells.takeEvents()
  }

  /// Nothing is left of credentials that are gone, and nothing is where it should not be.
  private func check(_ flash: NORFlash) throws(Complaint) {
    if let violation = flash.violations.first { throw Complaint(violation) }
    if mutation != nil { return }
    let values = try StoreImage(flash).values
    for slot in 0..<64 {
      for companion in [64 + slot, 128 + slot] {
        guard let record = values[companion] else { continue }
        guard let credential = values[slot], credential[4..<8] == record[0..<4] else {
          throw Complaint("record \(companion) belongs to no credential")
        }
      }
    }
  }
}

extension TokenObservation {
  /// RESET's new identifier is made by the first SELECT if the power went before.
  fileprivate func without(identifierOf other: TokenObservation) -> TokenObservation {
    var copy = self
    copy.identifier = other.identifier
    return copy
  }
}
