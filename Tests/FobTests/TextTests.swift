import Testing
import TokenCore

@testable import fob

@Suite("Words and texts")
struct TextTests {
  @Test("a distance counts what has to be put in, left out, replaced and swapped")
  func distances() {
    #expect(NearMiss.distance("list", "list") == 0)
    #expect(NearMiss.distance("lst", "list") == 1)
    #expect(NearMiss.distance("lisst", "list") == 1)
    #expect(NearMiss.distance("lost", "list") == 1)
    #expect(NearMiss.distance("lsit", "list") == 1)
    #expect(NearMiss.distance("", "list") == 4)
    #expect(NearMiss.distance("abc", "xyz") == 3)
  }

  @Test("a distance is the same both ways, and at most that over a third word")
  func distanceIsAMetric() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let words = (0..<3).map { _ in
        String(
          (0..<Int.random(in: 0...6, using: &random)).map { _ in
            ["a", "b", "c"].randomElement(using: &random) ?? "a"
          })
      }
      let direct = NearMiss.distance(words[0], words[1])
      #expect(direct == NearMiss.distance(words[1], words[0]), "repeat with: \(seed)")
      #expect((direct == 0) == (words[0] == words[1]), "repeat with: \(seed)")
      #expect(direct <= max(words[0].count, words[1].count), "repeat with: \(seed)")
    }
  }

  @Test("what has nothing in common is not suggested")
  func noSuggestion() {
    #expect(NearMiss.best(for: "qqqq", among: ["list", "add"]) == nil)
    #expect(NearMiss.best(for: "x", among: ["xa", "xb"]) == nil)
    #expect(NearMiss.best(for: "dev", among: ["devices", "demo"]) == "devices")
  }

  @Test("what could act on a terminal is not shown as it is")
  func unsafe() {
    for scalar: Unicode.Scalar in [
      "\u{1B}", "\n", "\u{7F}", "\u{9B}", "\u{202E}", "\u{200B}", "\u{2028}",
    ] {
      #expect(!Printable.text("a\(scalar)b").unicodeScalars.contains(scalar))
    }
    #expect(Printable.text("Bank & Söhne: 日本") == "Bank & Söhne: 日本")
  }

  @Test("wide letters take two columns, and marks that combine none")
  func columns() {
    #expect(Printable.columns("abc") == 3)
    #expect(Printable.columns("日本") == 4)
    #expect(Printable.columns("e\u{301}") == 1)
    #expect(Printable.padded("日本", to: 6) == "日本  ")
    #expect(Printable.cut("日本語", to: 5) == "日本…")
  }

  @Test("a length of time has its two largest units")
  func durations() {
    let texts: [(Int64, String)] = [
      (0, "0 s"), (999, "less than 0.001 s"), (50_000, "0.050 s"), (-50_000, "0.050 s"),
      (12_000_000, "12 s"), (60_000_000, "1 min"), (200_000_000, "3 min 20 s"),
      (3_600_000_000, "1 h"), (18_600_000_000, "5 h 10 min"), (86_401_000_000, "1 d"),
      (.min, "106751991 d 4 h"),
    ]
    for (length, text) in texts { #expect(DurationText.of(Microseconds(length)) == text) }
  }

  @Test("a time to pass is a number and a unit")
  func warpTimes() throws {
    #expect(try WarpTime.parse("90s") == Microseconds(90_000_000))
    #expect(try WarpTime.parse("2h") == Microseconds(7_200_000_000))
    #expect(try WarpTime.parse("0d") == .zero)
    for text in ["", "90", "s", "-1s", "1.5h", "1w", "1 h", "9223372036854775807d", "36526d"] {
      #expect(throws: FobError.self, "\(text)") { try WarpTime.parse(text) }
    }
    #expect(try WarpTime.celsius("35") == 35)
    #expect(try WarpTime.celsius("-40") == -40)
    for text in ["", "86", "-41", "+3", "20.5", "20C"] {
      #expect(throws: FobError.self, "\(text)") { try WarpTime.celsius(text) }
    }
  }

  @Test("wrapped text has every word, within its width")
  func wrapping() {
    let text = "a token that computes codes on its own clock, in lines of a few columns"
    let lines = Wrapping.wrap(text, width: 20, indent: 4).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 20 })
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("    ") })
    #expect(lines.flatMap { $0.split(separator: " ") } == text.split(separator: " "))
  }
}

/// SplitMix64, so that a seed repeats a run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
