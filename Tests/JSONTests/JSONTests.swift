import Foundation
import JSON
import Testing

@Suite("JSON values")
struct JSONTests {
  @Test("an object keeps the order of its keys through text and back")
  func keyOrder() throws {
    let text = #"{"zeta":1,"alpha":[true,false,null],"mid":{"b":"x","a":-2.5}}"#
    let value = try JSON.parse(text)
    #expect(value.object?.keys == ["zeta", "alpha", "mid"])
    #expect(value.text == text)
    #expect(value["mid"]?["a"]?.number == -2.5)
    #expect(value["alpha"]?[1]?.bool == false)
    #expect(value["alpha"]?[2]?.isNull == true)
    #expect(value["alpha"]?[3] == nil)
    #expect(value["zeta"]?["no"] == nil)
  }

  @Test("literals and parsed text are the same values")
  func literals() throws {
    let literal: JSON = ["ok": true, "codes": [1, 2.5, "three", nil], "who": "a\(1)"]
    #expect(try JSON.parse(literal.text) == literal)
    #expect(try JSON.parse(literal.indentedText) == literal)
    #expect(literal.indentedText.contains("\n  \"codes\": [\n    1,"))
    #expect(!literal.text.contains("\n"))
  }

  @Test("setting a key replaces, appends or removes it")
  func setting() {
    var value: JSON = ["a": 1, "b": 2]
    value["a"] = 3
    value["c"] = "new"
    value["b"] = nil
    #expect(value.text == #"{"a":3,"c":"new"}"#)
    value["d"] = JSON.null
    #expect(value["d"] == JSON.null)
    let twice: JSON = ["a": 1, "b": 2, "a": 3]
    #expect(twice.text == #"{"a":3,"b":2}"#)
  }

  @Test("numbers come back as they were, in their shortest form")
  func numbers() throws {
    for text in ["0.1", "-1e-300", "9007199254740993", "-9223372036854775808", "1.0"] {
      #expect(try JSON.parse(text).text == text)
    }
    var generator = SplitMix(seed: 7)
    for _ in 0..<2_000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      let back = try JSON.parse(JSON.number(value).text)
      #expect(back == .number(value), "repeat with: seed 7, \(value)")
    }
    #expect(JSON.number(.infinity).text == "null")
    #expect(JSON.number(.nan).text == "null")
    #expect(try JSON.parse("1").number == 1)
    #expect(try JSON.parse("1.5").integer == nil)
  }

  @Test("any text survives as a value and as a key")
  func strings() throws {
    for text in ["", "\u{0}", "a\u{0}b", "ö\"\\\n\u{1F511}", "\u{2028}", "e\u{301}"] {
      let value = JSON.string(text)
      #expect(try JSON.parse(value.text).string.map(Array.init(_:)) == Array(text))
      guard !text.contains("\u{0}") else { continue }
      let object: JSON = [text: 1]
      #expect(try JSON.parse(object.text) == object)
    }
    #expect(throws: JSON.Failure(.nullInKey, line: 1, column: 9)) {
      try JSON.parse(#"{"\u0000":1}"#)
    }
  }

  @Test("Foundation reads what is written here")
  func foreignReader() throws {
    let value: JSON = ["ok": true, "text": "ö\"\\\u{1}\u{1F511}", "list": [1, 0.5, nil], "": [:]]
    let read = try JSONSerialization.jsonObject(with: Data(value.text.utf8)) as? NSDictionary
    #expect(read?["text"] as? String == value["text"]?.string)
    #expect((read?["list"] as? NSArray)?[1] as? Double == 0.5)
    #expect((read?[""] as? NSDictionary)?.count == 0)
  }

  @Test(
    "what is not JSON is refused with its place",
    arguments: [
      ("", .unfinished, 0), ("{", .unfinished, 1), (#""abc"#, .unfinished, 1),
      ("{]", .syntax, 1), ("\n\n nul", .syntax, 3), ("[1,]", .syntax, 1),
      (#"{"a":1,"a":2}"#, .repeatedKey, 1), ("1 2", .trailingText, 1), ("01", .syntax, 1),
      ("9223372036854775808", .numberOutOfRange, 1), ("1e999", .numberOutOfRange, 1),
      ("\"\u{1}\"", .syntax, 1), (#""\ud800""#, .syntax, 1), ("'a'", .syntax, 1),
      ("NaN", .syntax, 1), ("// no\n1", .syntax, 1),
    ] as [(String, JSON.Failure.Cause, Int)])
  func refusals(text: String, cause: JSON.Failure.Cause, line: Int) {
    let failure = #expect(throws: JSON.Failure.self) { try JSON.parse(text) }
    #expect(failure?.cause == cause)
    #expect(failure?.line == line)
  }

  @Test("a failure says where, and never quotes the text")
  func failureText() {
    let failure = #expect(throws: JSON.Failure.self) {
      try JSON.parse(#"{"key": JBSWY3DPEHPK3PXP}"#)
    }
    #expect(failure?.description == "this is not JSON at line 1, column 13")
  }

  @Test("texts that are too long or too deep are refused before they are read")
  func limits() throws {
    let limits = JSON.Limits(size: 20, depth: 3)
    #expect(try JSON.parse("[[[\"[[[[{{{{\"]]]", limits: limits).text == "[[[\"[[[[{{{{\"]]]")
    #expect(try JSON.parse("[{},{},[{}],{}]", limits: limits)[2]?[0]?.object?.isEmpty == true)
    #expect(throws: JSON.Failure(.tooDeep(limit: 3), line: 2, column: 3)) {
      try JSON.parse("[\n[{[1]}]]", limits: limits)
    }
    #expect(throws: JSON.Failure(.tooLong(limit: 20))) {
      try JSON.parse("[" + String(repeating: " ", count: 20) + "]", limits: limits)
    }
    let deep = String(repeating: "[", count: 500_000)
    #expect(throws: JSON.Failure(.tooDeep(limit: 64), line: 1, column: 65)) {
      try JSON.parse(deep)
    }
  }

  @Test("mutated texts are either refused or come back as the same value")
  func mutations() throws {
    let source = Array(
      #"{"do":"warp","seconds":1.5e3,"list":[null,true,"\u00e9\\"],"o":{"":{}}}"#.utf8)
    for seed in 0..<3_000 as Range<UInt64> {
      var generator = SplitMix(seed: seed)
      var bytes = source
      for _ in 0...(generator.next() % 4) {
        let place = Int(generator.next() % UInt64(bytes.count))
        switch generator.next() % 3 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: generator.next() % 128)
        case 1: bytes.remove(at: place)
        default: bytes.insert(source.randomElement(using: &generator)!, at: place)
        }
      }
      guard let value = try? JSON.parse(String(decoding: bytes, as: UTF8.self)) else { continue }
      #expect(try JSON.parse(value.text) == value, "repeat with: seed \(seed)")
    }
  }
}

/// Random numbers from one seed (splitmix64).
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
