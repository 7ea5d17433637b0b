/// Runs a subject's workload, and cuts the power at every program and every erasure of each operation,
/// in many ways, and again at every one of each recovery.
///
/// The power is not cut by doing the operation again for each cut: it is done once, what it does to the
/// flash is recorded, and the flash is brought to each point of that record and torn there.
package struct FlashStoreDriver {
  private let subject: any CutSubject
  private let thoroughness: Thoroughness
  private let seed: UInt64
  package private(set) var figures = CutFigures()
  private var step = 0

  init(_ subject: any CutSubject, _ thoroughness: Thoroughness, seed: UInt64) {
    self.subject = subject
    self.thoroughness = thoroughness
    self.seed = seed
  }

  /// Does one operation of the workload, and cuts it everywhere.
  package mutating func next() throws(PowerCutFailure) {
    let trace = try advance()
    figures.operations += 1
    figures.flashOperations += trace.events.count
    var flash = trace.flash
    for (operation, event) in trace.events.enumerated() {
      if case .erase = event { figures.erasures += 1 }
      let isAnswered = operation >= trace.answeredAfter
      for tear in tears(of: event, on: flash, [operation], most: thoroughness.tears) {
        let torn = tornAt(event, of: flash, tear: tear, [operation, tear])
        for reading in torn.hasMarginalBits ? MarginalReading.allCases : [.ones] {
          let cut = CutPlace.Cut(operation: operation, tear: tear, reading: reading)
          figures.cuts += 1
          try judge(torn, [cut], isAnswered)
          try cutRecovery(from: torn, [cut], isAnswered)
        }
      }
      flash.apply(event)
    }
    step += 1
  }

  /// Goes to a place, and does what was done there.
  ///
  /// - Throws: what was thrown there, if it is still so.
  package mutating func goTo(_ place: CutPlace) throws(PowerCutFailure) {
    while step < place.step {
      _ = try advance()
      step += 1
    }
    let trace = try advance()
    guard let first = place.cuts.first else { return }
    var flash = trace.flash
    var events = trace.events
    var path: [CutPlace.Cut] = []
    for cut in place.cuts {
      if let last = path.last {
        flash = Self.settled(flash, last.reading)
        events = try recover(from: flash, path)
      }
      guard cut.operation < events.count else { return }
      for event in events.prefix(cut.operation) { flash.apply(event) }
      path.append(cut)
      flash = tornAt(
        events[cut.operation], of: flash, tear: cut.tear, Self.numbers(path))
    }
    try judge(flash, path, first.operation >= trace.answeredAfter)
  }

  // MARK: Steps

  private func advance() throws(PowerCutFailure) -> CutTrace {
    do throws(Complaint) {
      return try subject.step()
    } catch {
      throw failure(error, [])
    }
  }

  /// Cuts the recovery from `torn` at each of its operations.
  private mutating func cutRecovery(
    from torn: NORFlash, _ path: [CutPlace.Cut], _ isAnswered: Bool
  ) throws(PowerCutFailure) {
    guard thoroughness.recoveryTears > 0, let last = path.last else { return }
    // A recovery that is cut as well finds no marginal bits (Docs/storage.md, "The flash").
    var flash = Self.settled(torn, last.reading)
    let events = try recover(from: flash, path)
    var random = SplitMix(seed: seed, place: [step, 3] + Self.numbers(path))
    // A recovery from a recovery is cut once, somewhere.
    let only =
      path.count == 1 ? nil : events.isEmpty ? -1 : Int.random(in: 0..<events.count, using: &random)
    for (operation, event) in events.enumerated() {
      if only == nil || only == operation {
        let numbers = Self.numbers(path) + [operation]
        let most = only == nil ? thoroughness.recoveryTears : 1
        for tear in tears(of: event, on: flash, numbers, most: most) {
          let torn = tornAt(event, of: flash, tear: tear, numbers + [tear])
          let readings = MarginalReading.allCases
          let reading = torn.hasMarginalBits ? readings.randomElement(using: &random)! : .ones
          let cuts = path + [.init(operation: operation, tear: tear, reading: reading)]
          figures.recoveryCuts += 1
          try judge(torn, cuts, isAnswered)
          if random.next() % thoroughness.deeper == 0, path.count < 4 {
            try cutRecovery(from: torn, cuts, isAnswered)
          }
        }
      }
      flash.apply(event)
    }
  }

  private func recover(
    from flash: NORFlash, _ path: [CutPlace.Cut]
  ) throws(PowerCutFailure) -> [FlashEvent] {
    do throws(Complaint) {
      return try subject.recover(from: flash)
    } catch {
      throw failure(error, path)
    }
  }

  private func judge(
    _ torn: NORFlash, _ path: [CutPlace.Cut], _ isAnswered: Bool
  ) throws(PowerCutFailure) {
    var flash = torn
    flash.powerUp(path.last?.reading)
    var random = SplitMix(seed: seed, place: [step, 2] + Self.numbers(path))
    do throws(Complaint) {
      try subject.judge(flash, isAnswered: isAnswered, chance: random.next())
    } catch {
      throw failure(error, path)
    }
  }

  private func failure(_ complaint: Complaint, _ path: [CutPlace.Cut]) -> PowerCutFailure {
    PowerCutFailure(
      place: CutPlace(run: subject.run, step: step, cuts: path), complaint: complaint)
  }

  // MARK: Tears

  /// The ways to tear `event` that are tried: all if `most` allows, otherwise some.
  private func tears(
    of event: FlashEvent, on flash: NORFlash, _ place: [Int], most: Int
  ) -> [Int] {
    let bits = flash.bitsChanged(by: event, limit: Tear.mostForSubsets)
    guard let count = Tear.count(forBits: bits) else {
      // Each kind of tear, and of those that are random more than one.
      // Erasures are rare, and a bad tear of one is as well.
      if case .erase = event, place.count == 1 { return Array(0..<40) }
      if most >= 10 { return Array(0..<min(most, 40)) }
      var random = SplitMix(seed: seed, place: [step, 1] + place)
      return Array((0..<10).shuffled(using: &random).prefix(most))
    }
    guard count > most else { return Array(0..<count) }
    var random = SplitMix(seed: seed, place: [step, 1] + place)
    return Array((0..<count).shuffled(using: &random).prefix(most))
  }

  private func tornAt(
    _ event: FlashEvent, of flash: NORFlash, tear: Int, _ place: [Int]
  ) -> NORFlash {
    var random = SplitMix(seed: seed, place: [step, 0] + place)
    return flash.torn(at: event, tear: tear, &random)
  }

  /// The flash with its power back, and its marginal bits as they read.
  private static func settled(_ torn: NORFlash, _ reading: MarginalReading) -> NORFlash {
    var flash = torn.resolved(reading)
    flash.powerUp(.ones)
    return flash
  }

  /// The readings are no part of it: what a tear does is settled before anybody reads.
  private static func numbers(_ path: [CutPlace.Cut]) -> [Int] {
    path.flatMap { [$0.operation, $0.tear] }
  }
}
