import JSON
import TokenClient

/// `fob check --soak N`: many transactions in one go, each of which has to come back as it was sent.
enum Soak {
  static func run(_ count: UInt64, _ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try Connection(invocation, console, for: [])
    var random = SystemRandomNumberGenerator()
    var bytes = 0
    for number in 1...count {
      // One report's worth for the most part, several now and then, all that fits rarely.
      let limit = number % 100 == 0 ? 7609 : number % 10 == 0 ? 500 : 57
      let payload = (0..<Int.random(in: 0...limit, using: &random)).map { _ in
        UInt8.random(in: .min ... .max, using: &random)
      }
      do throws(FobError) {
        try connection.ask { session throws(TokenFailure) in try session.ping(payload) }
      } catch {
        throw FobError(error.status, "Transaction \(number) of \(count): \(error.sentence)")
      }
      bytes += payload.count
      if number % 50 == 0, console.isInteractive, console.isDrawable {
        console.ask("\r  \(number) of \(count)")
      }
    }
    if console.isInteractive, console.isDrawable { console.ask("\r\u{1B}[K") }
    if invocation.has(.json) {
      console.line(
        JSON.object(["transactions": .integer(Int(count)), "bytes": .integer(bytes)]).indentedText)
    } else {
      console.line("\(count) transactions, \(bytes) bytes to and fro, nothing lost.")
    }
  }
}

extension Option {
  static let soak = Option(
    "soak", value: "N", kind: .number(1...1_000_000_000),
    "N transactions of random length instead, each to come back as it was sent",
    excludes: ["only", "slow", "list", "junit"])
}
