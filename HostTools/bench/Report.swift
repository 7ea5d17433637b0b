/// The results for a person.
func asTable(_ reports: [(title: String, results: [Contest.Result])]) -> String {
  var lines = [
    row("one code", "ns (median)", "codes/s", "ratio", "aim", "", "checksum")
  ]
  for (title, results) in reports {
    lines.append("")
    lines.append(title)
    for result in results {
      lines.append(
        row(
          "  " + result.name, fixed(result.nanoseconds, 1),
          String(Int(1_000_000_000 / result.nanoseconds)), fixed(result.ratio, 2),
          result.aim.map { "<= " + fixed($0, 2) } ?? "", result.verdict,
          String(result.checksum, radix: 16)))
    }
  }
  lines.append("")
  lines.append("ratio: to OpenSSL's bare transform, two of them a code, on midstates kept")
  lines.append(
    "OPENSSL_ia32cap=0:0 keeps OpenSSL from SHA and AVX instructions: scalar beside scalar")
  return lines.joined(separator: "\n")
}

/// The results for a program: one object, an array of contenders for each algorithm.
func asJSON(_ reports: [(title: String, results: [Contest.Result])]) -> String {
  let algorithms = reports.map { title, results in
    let contenders = results.map { result in
      let aim =
        result.aim.map { ", \"aim\": \(fixed($0, 2)), \"met\": \(result.ratio <= $0)" } ?? ""
      return "    {\"name\": \"\(result.name)\", \"ns\": \(fixed(result.nanoseconds, 2)), "
        + "\"ratio\": \(fixed(result.ratio, 3))\(aim), \"checksum\": \"\(result.checksum)\"}"
    }
    return "  \"\(title)\": [\n" + contenders.joined(separator: ",\n") + "\n  ]"
  }
  return "{\n" + algorithms.joined(separator: ",\n") + "\n}"
}

extension Contest.Result {
  fileprivate var verdict: String {
    guard let aim else { return "" }
    return ratio <= aim ? "met" : "missed"
  }
}

private func row(_ name: String, _ columns: String...) -> String {
  let widths = [12, 10, 7, 8, 7, 18]
  let cells = zip(columns, widths).map { text, width in
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
  return name + String(repeating: " ", count: max(0, 26 - name.count)) + cells.joined()
}

/// A decimal fraction with so many digits after the point.
private func fixed(_ value: Double, _ places: Int) -> String {
  var scale = 1
  for _ in 0..<places { scale *= 10 }
  let scaled = Int((value * Double(scale)).rounded())
  let fraction = String(scaled % scale)
  return "\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
}
