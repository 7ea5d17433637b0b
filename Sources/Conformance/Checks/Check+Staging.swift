import TokenCore

// Docs/protocol.md, section 7: staged updates.
extension Check {
  static let staging: [Check] = [
    Check(
      "stage.beside", "A staged secret waits beside the old one, and each computes its codes", "7"
    ) {
      bench throws(CheckEnd) in
      let (old, new) = try bench.putAndStage()
      try bench.requireOwnCode(new, with: .calculateStaged)
      try bench.requireOwnCode(old)
      let staged = try bench.tokenInformation().staged
      try bench.wire.require(staged == old.name, "DE with the name", "none, or another name")
    },
    Check("stage.commit", "COMMIT puts the new secret in place, and drops the recovery codes", "7")
    {
      bench throws(CheckEnd) in
      let (old, new) = try bench.putAndStage()
      try bench.perform(bench.storing(["abc"], for: old))
      try bench.requireRecoveryCodes(left: 1, of: 1, for: old)
      try bench.perform(Command(.commit, old.nameField))
      try bench.requireOwnCode(new)
      try bench.requireListed(new)
      try bench.requireRecoveryCodes(left: 0, of: 0, for: new)
      try bench.requireNothingStaged(for: new)
    },
    Check("stage.rollback", "ROLL BACK wipes what was staged, and is 9000 with nothing staged", "7")
    {
      bench throws(CheckEnd) in
      let (old, _) = try bench.putAndStage()
      try bench.perform(Command(.rollBack))
      try bench.requireNothingStaged(for: old)
      try bench.requireOwnCode(old)
      try bench.perform(Command(.rollBack))
    },
    Check("stage.absent", "STAGE for a name that does not exist is 6984", "7") {
      bench throws(CheckEnd) in
      let sample = bench.sample("absent")
      bench.mayHaveStaged = true
      try bench.refuse(Command(.stage, sample.data), .noSuchObject)
      try bench.requireNothingStaged(for: sample)
    },
    Check("stage.malformed", "What PUT refuses with 6A80, STAGE refuses too", "7") {
      bench throws(CheckEnd) in
      let sample = bench.sample("malformed")
      try bench.put(sample)
      bench.mayHaveStaged = true
      var short = sample
      short.key = []
      var long = sample
      long.key = randomBytes(AppletLimits.keySize(for: long.algorithm) + 1)
      var digits = sample
      digits.digits = 11
      for wrong in [short, long, digits] {
        try bench.refuse(Command(.stage, wrong.data), .wrongData)
      }
      try bench.refuse(Command(.stage, sample.data + [0]), .wrongData)
      try bench.requireNothingStaged(for: sample)
    },
    Check("stage.channel", "What was staged is for the channel that staged it, else 6985", "7") {
      bench throws(CheckEnd) in
      let (old, new) = try bench.putAndStage()
      try bench.open(bench.other)
      for command in [
        Command(.commit, old.nameField), Command(.calculateStaged, p2: 0x81, old.calculation()),
      ] {
        try bench.refuse(command, .conditionsNotSatisfied, on: bench.other)
      }
      try bench.requireOwnCode(old)
      try bench.requireOwnCode(new, with: .calculateStaged)
    },
    Check("stage.name", "What was staged is under its name, else 6985", "7") {
      bench throws(CheckEnd) in
      let (_, new) = try bench.putAndStage()
      let another = bench.sample("another")
      try bench.put(another)
      try bench.refuse(Command(.commit, another.nameField), .conditionsNotSatisfied)
      try bench.refuse(
        Command(.calculateStaged, p2: 0x81, another.calculation()), .conditionsNotSatisfied)
      try bench.requireOwnCode(new, with: .calculateStaged)
    },
    Check("stage.own", "CALCULATE STAGED computes for no step that the host names, 6A80", "7") {
      bench throws(CheckEnd) in
      let (_, new) = try bench.putAndStage()
      let reading = try bench.requireTime()
      let step = UInt64(reading.time / 1_000_000) / new.period
      try bench.refuse(
        Command(.calculateStaged, p2: 0x81, new.calculation(challenge: bigEndian(step))), .wrongData
      )
    },
    Check("stage.replaced", "STAGE takes the place of what was staged, from whichever channel", "7")
    {
      bench throws(CheckEnd) in
      let (old, _) = try bench.putAndStage()
      var third = old
      third.key = randomBytes(20)
      try bench.open(bench.other)
      try bench.stage(third, on: bench.other)
      try bench.refuse(Command(.commit, old.nameField), .conditionsNotSatisfied)
      try bench.requireOwnCode(third, with: .calculateStaged, on: bench.other)
      try bench.requireOwnCode(old)
    },
    Check("stage.init", "INIT on the channel that staged wipes it", "7") { bench throws(CheckEnd) in
      let (old, _) = try bench.putAndStage()
      // Another channel's does not.
      try bench.wire.resynchronize(bench.third)
      let staged = try bench.tokenInformation().staged
      try bench.wire.require(staged == old.name, "DE with the name", "none, or another name")
      try bench.wire.resynchronize(bench.main)
      try bench.open(bench.main)
      try bench.requireNothingStaged(for: old)
      try bench.requireOwnCode(old)
    },
    Check("stage.gone", "DELETE and RENAME of its credential wipe what was staged", "7") {
      bench throws(CheckEnd) in
      let (old, _) = try bench.putAndStage()
      try bench.delete(old)
      try bench.requireNothingStaged(for: old)
      let (again, _) = try bench.putAndStage()
      let renamed = bench.sample("renamed")
      bench.claim(renamed.name)
      try bench.perform(Command(.rename, again.nameField + renamed.nameField))
      for sample in [again, renamed] { try bench.requireNothingStaged(for: sample) }
    },
    Check("stage.nothing", "COMMIT and CALCULATE STAGED with nothing staged are 6985", "7") {
      bench throws(CheckEnd) in
      let sample = bench.sample("nothing")
      try bench.put(sample)
      try bench.requireNothingStaged(for: sample)
    },
  ]
}

extension Bench {
  /// A credential, and one of its name that is staged to take its place.
  func putAndStage() throws(CheckEnd) -> (old: Sample, new: Sample) {
    try requireTime()
    let old = sample("staged")
    try put(old)
    var new = old
    new.algorithm = .sha256
    new.digits = 8
    new.key = randomBytes(32)
    try stage(new)
    return (old, new)
  }

  func requireNothingStaged(for sample: Sample) throws(CheckEnd) {
    try refuse(Command(.commit, sample.nameField), .conditionsNotSatisfied)
    try refuse(
      Command(.calculateStaged, p2: 0x81, sample.calculation()), .conditionsNotSatisfied)
    let staged = try tokenInformation().staged
    try wire.require(staged == nil, "no DE", "one")
  }
}
