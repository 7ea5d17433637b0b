import Foundation
import OATH
import Testing

/// oathtool of the OATH Toolkit, if it is installed: an implementation that is not ours.
private let oathtool = ["/usr/bin/oathtool", "/usr/local/bin/oathtool"].first {
  FileManager.default.isExecutableFile(atPath: $0)
}

@Suite("Codes beside oathtool's", .enabled(if: oathtool != nil, "oathtool is not installed"))
struct OathtoolTests {
  @Test("TOTP codes are oathtool's, for any key, time, period, T0 and number of digits")
  func totp() throws {
    for seed in Seed.fresh(40) {
      var random = seed.generator
      let algorithm = HashAlgorithm.allCases.randomElement(using: &random)!
      let secret = random.bytes(.random(in: 1...150, using: &random))
      // Debian's oathtool has 6 to 8 digits.
      let digits = try #require(Digits(rawValue: .random(in: 6...8, using: &random)))
      let period = Int64.random(in: 1...120, using: &random)
      let epoch = Int64.random(in: 0...1_000_000_000, using: &random)
      let time = Int64.random(in: epoch...4_000_000_000, using: &random)
      let name =
        switch algorithm {
        case .sha1: "sha1"
        case .sha256: "sha256"
        case .sha512: "sha512"
        }
      let theirs = try run(
        [
          "--totp=\(name)", "--digits=\(digits.rawValue)", "--time-step-size=\(period)s",
          "--start-time=@\(epoch)", "--now=@\(time)", "--base32", "-",
        ], input: Base32.encode(secret))
      let parameters = try #require(TOTP(period: Seconds(period), epoch: Seconds(epoch)))
      let step = try #require(parameters.step(at: Seconds(time)))
      let key = OATHKey(algorithm: algorithm, secret: secret.span)
      let ours = HOTP.code(key: key, at: MovingFactor(step), digits: digits).description
      #expect(ours == theirs, "\(seed)")
    }
  }

  @Test("HOTP codes are oathtool's, for any key and counter")
  func hotp() throws {
    for seed in Seed.fresh(20) {
      var random = seed.generator
      let secret = random.bytes(.random(in: 1...100, using: &random))
      let counter = UInt64.random(in: 0...UInt64.max >> 1, using: &random)
      let theirs = try run(["--hotp", "--counter=\(counter)", "-"], input: hex(secret))
      let key = OATHKey(algorithm: .sha1, secret: secret.span)
      let ours = HOTP.code(key: key, at: MovingFactor(counter), digits: .six).description
      #expect(ours == theirs, "\(seed)")
    }
  }

  private func run(_ arguments: [String], input: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: try #require(oathtool))
    process.arguments = arguments
    let (stdin, stdout) = (Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    try process.run()
    try stdin.fileHandleForWriting.write(contentsOf: Data((input + "\n").utf8))
    try stdin.fileHandleForWriting.close()
    let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .newlines)
  }
}
