import TokenCore

/// A record store under power cuts, and the dictionary that it is to agree with.
final class StoreSubject: CutSubject {
  let run: String
  private let mutation: Mutation?
  private var session: StoreSession
  private var workload: StoreWorkload
  private var model: FlashStoreModel
  private var before: FlashStoreModel
  private var random: SplitMix

  init(_ run: CutRun) throws(Complaint) {
    self.run = "\(run)"
    mutation = run.mutation
    let (sectorCount, sectorSize) = (run.sectorCount, run.sectorSize)
    model = FlashStoreModel(sectorCount: sectorCount, sectorSize: sectorSize)
    before = model
    random = SplitMix(seed: run.seed)
    workload = StoreWorkload(
      seed: random.next(), keys: 0..<6, lengths: [0, 4, 12, 12, 40, 170, 300])
    let flash = NORFlash(sectorCount: sectorCount, sectorSize: sectorSize)
    session = try StoreSession(flash, mutation)
    // Once round the ring, so that what follows compacts and erases.
    while session.flash.cells.erasures.reduce(0, +) < 1 {
      let operation = workload.next()
      if model.perform(operation) { _ = session.perform(operation) }
      _ = session.flash.answered()
    }
  }

  func step() throws(Complaint) -> CutTrace {
    // Now and then from a fresh start, otherwise with what the store still has in memory.
    if random.next() % 4 == 0 { session = try StoreSession(session.flash.cells, mutation) }
    let operation = workload.next()
    before = model
    let fits = model.perform(operation)
    let flash = session.flash.cells
    session.flash.cells.recordsEvents = true
    let failure = session.perform(operation)
    let answeredAfter = session.flash.cells.events.count
    let isLate = session.flash.answered()
    let events = session.flash.cells.takeEvents()
    session.flash.cells.recordsEvents = false
    guard failure == (fits ? nil : .full) else {
      throw Complaint("\(operation) ended with \(failure.map { "\($0)" } ?? "success")")
    }
    let values = try session.values()
    guard mutation != nil || values == model.values else {
      throw Complaint("\(operation) did something else")
    }
    return CutTrace(
      flash: flash, events: events, answeredAfter: isLate ? answeredAfter : events.count)
  }

  func recover(from flash: NORFlash) throws(Complaint) -> [FlashEvent] {
    var flash = flash
    flash.recordsEvents = true
    var session = try StoreSession(flash, mutation)
    _ = session.flash.answered()
    return session.flash.cells.takeEvents()
  }

  func judge(_ flash: NORFlash, isAnswered: Bool, chance: UInt64) throws(Complaint) {
    var session = try StoreSession(flash, mutation)
    let values = try session.values()
    _ = session.flash.answered()
    guard values == model.values || (!isAnswered && values == before.values) else {
      throw Complaint(
        "neither before nor after: \(values), not \(before.values) or \(model.values)")
    }
    guard try StoreImage(session.flash.cells).values == values else {
      throw Complaint("the image has other values than the store")
    }
    for value in [before, model].flatMap(\.values.values)
    where !values.values.contains(value) && session.flash.cells.contains(traceOf: value) {
      throw Complaint("a trace of a value that is not there")
    }
    try session.expectNoViolation()

    // Marginal bits read differently the next time, where there are any left.
    try session.restart()
    guard try session.values() == values else { throw Complaint("another mount, other values") }
    if chance % 8 == 0 {
      try goOn(&session, from: values == model.values ? model : before, seed: chance)
    }
  }

  /// What is left of a cut would show in what is done next.
  private func goOn(
    _ session: inout StoreSession, from state: FlashStoreModel, seed: UInt64
  ) throws(Complaint) {
    var model = state
    var workload = StoreWorkload(seed: seed, keys: 0..<6, lengths: [0, 12, 40, 200])
    for _ in 0..<6 {
      let operation = workload.next()
      let fits = model.perform(operation)
      guard session.perform(operation) == (fits ? nil : .full) else {
        throw Complaint("going on, \(operation) failed")
      }
      _ = session.flash.answered()
    }
    try session.restart()
    guard try session.values() == model.values,
      try StoreImage(session.flash.cells).values == model.values
    else { throw Complaint("going on led to other values") }
    try session.expectNoViolation()
  }
}

/// A mounted store over its flash.
package struct StoreSession: ~Copyable {
  package var flash: MutantFlash
  private let mutation: Mutation?
  private var store = RecordStore()

  /// Mounts what is in `flash`.
  package init(_ flash: NORFlash, _ mutation: Mutation? = nil) throws(Complaint) {
    self.flash = MutantFlash(flash, mutation)
    self.mutation = mutation
    do throws(StorageFailure) {
      try store.mount(&self.flash)
    } catch {
      throw Complaint("the mount ended with \(error)")
    }
  }

  /// Takes the power away and gives it back.
  package mutating func restart() throws(Complaint) {
    var cells = flash.cells
    cells.powerUp()
    self = try StoreSession(cells, mutation)
  }

  /// - Returns: what it failed with.
  package mutating func perform(_ operation: StoreOperation) -> StorageFailure? {
    do throws(StorageFailure) {
      switch operation {
      case .write(let key, let value):
        try store.write(Self.key(key), value.span, to: &flash)
      case .remove(let key): try store.remove(Self.key(key), from: &flash)
      case .removeAll: try store.removeAll(from: &flash)
      }
      return nil
    } catch {
      return error
    }
  }

  /// All that the store contains.
  package mutating func values() throws(Complaint) -> [Int: [UInt8]] {
    var values: [Int: [UInt8]] = [:]
    var buffer = [UInt8](repeating: 0, count: RecordStore.valueSize)
    for key in 0..<192 where store.contains(Self.key(key)) {
      do throws(StorageFailure) {
        var bytes = buffer.mutableSpan
        let length = try store.read(Self.key(key), from: &flash, into: &bytes)
        values[key] = Array(buffer.prefix(length ?? 0))
      } catch {
        throw Complaint("reading key \(key) ended with \(error)")
      }
    }
    return values
  }

  func expectNoViolation() throws(Complaint) {
    if let violation = flash.cells.violations.first { throw Complaint(violation) }
  }

  /// The key of a number `0 ..< 192`.
  private static func key(_ number: Int) -> RecordKey {
    switch number / 64 {
    case 0: .credential(number)
    case 1: .counter(number - 64)
    default: .recoveryCodes(number - 128)
    }
  }
}
