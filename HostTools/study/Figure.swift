/// Numbers as the tables have them.
enum Figure {
  /// Rounded to so many decimals, 0 to 6.
  static func of(_ number: Double, decimals: Int) -> String {
    guard number.isFinite else { return "–" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int64((number.magnitude * scale).rounded())
    let sign = number < 0 && scaled != 0 ? "-" : ""
    let (whole, rest) = scaled.quotientAndRemainder(dividingBy: Int64(scale))
    guard decimals > 0 else { return "\(sign)\(whole)" }
    let digits = String(rest)
    return "\(sign)\(whole)."
      + String(repeating: "0", count: decimals - digits.count) + digits
  }

  /// Three digits that mean something, at most three of them decimals.
  static func significant(_ number: Double) -> String {
    switch number.magnitude {
    case 100...: of(number, decimals: 0)
    case 10...: of(number, decimals: 1)
    case 1...: of(number, decimals: 2)
    default: of(number, decimals: 3)
    }
  }

  static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }

  static func table(_ header: [String], _ rows: [[String]]) -> String {
    row(header) + row(header.map { _ in "---" }) + rows.map(row).joined()
  }
}
