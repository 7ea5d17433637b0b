import Glibc

/// One way of computing a code.
struct Contender {
  let name: String
  /// The most that this one may take, as a multiple of the reference's time, if there is an aim.
  var aim: Double?
  /// Computes codes for so many counters from `first` on, and adds them up.
  let run: (_ first: UInt64, _ count: Int) -> UInt64
}

/// Ways of computing the same thing, measured in turns so that a change of the machine's speed
/// in the middle strikes all of them. The first one is the reference for the ratios.
struct Contest {
  let title: String
  let contenders: [Contender]

  struct Result {
    let name: String
    let aim: Double?
    /// Nanoseconds for one code: the median of all the turns.
    let nanoseconds: Double
    /// Its time divided by the reference's in the same turn: the median of all the turns.
    let ratio: Double
    /// The sum of what it computed. It is printed, so that no work can be left out.
    let checksum: UInt64
  }

  /// - Parameters:
  ///   - turns: how often each contender is measured.
  ///   - codes: how many codes it computes in a turn.
  func run(turns: Int, codes: Int) -> [Result] {
    var times = [[Double]](repeating: [], count: contenders.count)
    var checksums = [UInt64](repeating: 0, count: contenders.count)
    for turn in 0...turns {
      for (i, contender) in contenders.enumerated() {
        let start = now()
        checksums[i] &+= contender.run(UInt64(turn * codes), codes)
        let time = Double(now() - start) / Double(codes)
        // The first turn only warms up.
        if turn > 0 { times[i].append(time) }
      }
    }
    return contenders.indices.map { i in
      Result(
        name: contenders[i].name, aim: contenders[i].aim, nanoseconds: median(times[i]),
        ratio: median(zip(times[i], times[0]).map { $0 / $1 }), checksum: checksums[i])
    }
  }
}

/// Nanoseconds of a clock that is never set.
private func now() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

private func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return sorted[sorted.count / 2]
}
