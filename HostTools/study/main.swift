import Glibc

// Runs the study of clocks and verifiers, and writes it into the documentation:
//   study FOLDER [CRYSTALS [TOKENS [SEED]]]

/// Writes a line to standard error.
func say(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  _ = write(STDERR_FILENO, bytes, bytes.count)
}

let arguments = CommandLine.arguments.dropFirst()
let numbers = arguments.dropFirst().map { UInt64($0) }
guard let folder = arguments.first, numbers.count <= 3, !numbers.contains(nil) else {
  say("study FOLDER [CRYSTALS [TOKENS [SEED]]]")
  exit(2)
}
let values = numbers.compactMap { $0 }
let report = Report(
  crystals: Int(values.first ?? 1_000), tokens: Int(values.dropFirst().first ?? 1_000),
  seed: values.dropFirst(2).first ?? 1
) { say("\($0): done") }
do throws(TextFile.Failure) {
  var page = try TextFile(reading: folder + "/clock.md")
  try page.replaceSection("clock study", with: report.clockTables)
  try page.replaceSection("verifier study", with: report.verifierTable)
  try page.write()
  try TextFile(path: folder + "/images/clock-error.svg", text: report.plot.svg).write()
} catch {
  say("\(error)")
  exit(1)
}
