import Glibc
import OATH

/// `swift run -c release bench`: what one code costs, with the key ready, beside others.
@main
struct Bench {
  /// Each as a multiple of OpenSSL's bare transform, measured where that uses the processor's
  /// SHA instructions for SHA-1 and SHA-256, which scalar code cannot.
  static let aims: [(algorithm: HashAlgorithm, name: String, aim: Double)] = [
    (.sha1, "SHA-1", 1.65), (.sha256, "SHA-256", 2.9), (.sha512, "SHA-512", 1.35),
  ]

  static func main() {
    var json = false
    var quick = false
    for argument in CommandLine.arguments.dropFirst() {
      switch argument {
      case "--json": json = true
      case "--quick": quick = true
      case "--help", "-h":
        print(usage)
        return
      default:
        complain("bench: unknown argument '\(argument)'\n\(usage)")
        exit(64)
      }
    }
    #if DEBUG
      complain("bench: this is a debug build, and tells nothing: swift run -c release bench")
    #endif

    let secret = (0..<20).map { UInt8(7 &* $0 &+ 3) }
    var reports: [(title: String, results: [Contest.Result])] = []
    for (algorithm, name, aim) in aims {
      let transform =
        switch algorithm {
        case .sha1: BareTransform.sha1(secret)
        case .sha256: BareTransform.sha256(secret)
        case .sha512: BareTransform.sha512(secret)
        }
      let contest = Contest(
        title: name,
        contenders: [
          transform, watchfob(algorithm, secret, aim: aim), openSSL(algorithm, secret),
          libOATH(algorithm, secret),
        ])
      reports.append((name, contest.run(turns: quick ? 200 : 2_000, codes: 250)))
    }
    print(json ? asJSON(reports) : asTable(reports))
  }

  /// Ours: a code of six digits, from a key made once.
  static func watchfob(_ algorithm: HashAlgorithm, _ secret: [UInt8], aim: Double) -> Contender {
    let key = OATHKey(algorithm: algorithm, secret: secret.span)
    return Contender(name: "Watchfob", aim: aim) { first, count in
      var sum: UInt64 = 0
      for counter in first..<first + UInt64(count) {
        sum &+= UInt64(HOTP.code(key: key, at: MovingFactor(counter), digits: .six).value)
      }
      return sum
    }
  }

  static func complain(_ sentence: String) {
    let line = Array((sentence + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
  }

  static let usage = """
    Usage: bench [--json] [--quick]
    Measures the time of one code for SHA-1, SHA-256 and SHA-512: ours, with the key ready, beside
    OpenSSL and liboath in the same run. Example: swift run -c release bench
    """
}
