import PowerCuts
import Testing

@testable import TokenCore

/// Short runs of what `make test-power` does at length, and whether that would notice anything.
@Suite("A power cut")
struct PowerCutTests {
  /// A run of a few hundred cuts; `make test-power` does a million of each.
  private static func cut(_ name: String, atLeast count: Int) throws {
    let run = try #require(CutRun(parsing: name))
    var driver = try run.driver(.short)
    while driver.figures.allCuts < count { try driver.next() }
    #expect(driver.figures.cuts > 0 && driver.figures.recoveryCuts > 0)
  }

  @Test(
    "at any operation of a store leaves before or after, also when the recovery is cut",
    arguments: ["store:4x1024:1", "store:5x1040:2", "store:4x2048:3"])
  func store(run: String) throws {
    try Self.cut(run, atLeast: 800)
  }

  @Test(
    "at any operation of a token's commands leaves before or after",
    arguments: ["token:6x1024:1", "token:5x2048:2"])
  func token(run: String) throws {
    try Self.cut(run, atLeast: 400)
  }

  @Test(
    "shows each mistake that a store may make, and its line repeats it",
    arguments: Mutation.allCases)
  func storeMutants(mutation: Mutation) throws {
    let failure = try #require(try Self.failure(of: "store-\(mutation):4x1024"))
    let place = try #require(CutPlace(parsing: failure.place.description))
    #expect(place == failure.place)
    let run = try #require(CutRun(parsing: place.run))
    var again = try run.driver(.brief)
    #expect(throws: failure) { try again.goTo(place) }
  }

  @Test(
    "shows that a token answers before the flash has what it answers for, or leaves secrets behind",
    arguments: [Mutation.answersFirst, .leavesValues])
  func tokenMutants(mutation: Mutation) throws {
    #expect(try Self.failure(of: "token-\(mutation):6x1024") != nil)
  }

  /// The first failure that a few runs show.
  private static func failure(of name: String) throws -> PowerCutFailure? {
    for seed in 1...8 {
      let run = try #require(CutRun(parsing: "\(name):\(seed)"))
      var driver = try run.driver(.brief)
      for _ in 0..<12 {
        do { try driver.next() } catch { return error }
      }
    }
    return nil
  }

  @Test("within a compaction, again and again, does not use up the room")
  func sameCompactionCut() throws {
    // The next write of key 0 needs a compaction.
    var store = try MountedStore(NORFlash(sectorCount: 4, sectorSize: 1024))
    var before = [UInt8](repeating: 0, count: 480)
    while store.flash.erasures == [0, 0, 0, 0] {
      before[0] += 1
      try store.perform(.write(1, before))
    }
    try store.perform(.write(0, before))
    var random = SplitMix(seed: 9)
    var flash = store.powerCycled()
    let after = [UInt8](repeating: 0x77, count: 480)
    for round in 0..<300 {
      var store = try MountedStore(flash.resolved())
      store.flash.cutPower(after: .random(in: 0..<30, using: &random), seed: random.next())
      try? store.perform(.write(0, after))
      flash = store.powerCycled()
      store = try MountedStore(flash)
      let value = try store.read(0)
      #expect(value == before || value == after, "repeat with: seed 9, round \(round)")
      #expect(try store.read(1) == before, "repeat with: seed 9, round \(round)")
    }
    store = try MountedStore(flash)
    try store.perform(.write(0, after))
    #expect(try store.values() == [0: after, 1: before])
  }
}
