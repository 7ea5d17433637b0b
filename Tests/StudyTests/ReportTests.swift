import Foundation
import FoundationXML
import Testing

@testable import study

@Suite("What the study writes")
struct ReportTests {
  @Test("a percentile is the value that so many are at most")
  func percentiles() {
    let values = (1...100).map(Double.init).shuffled()
    #expect(values.percentile(0.95) == 95)
    #expect(values.percentile(0.5) == 50)
    #expect(values.percentile(1) == 100)
    #expect([Double]().percentile(0.5) == 0)
  }

  @Test("figures are rounded, not cut")
  func figures() {
    #expect(Figure.of(0.0499, decimals: 2) == "0.05")
    #expect(Figure.of(-1.005, decimals: 1) == "-1.0")
    #expect(Figure.of(-0.01, decimals: 1) == "0.0")
    #expect(Figure.of(12.5, decimals: 0) == "13")
    #expect(Figure.significant(1234.5) == "1235")
    #expect(Figure.significant(0.1234) == "0.123")
    #expect(Figure.of(.infinity, decimals: 1) == "–")
  }

  @Test("a section is put between its marks, again and again, and the rest stays")
  func sections() throws {
    var file = TextFile(
      path: "page", text: "a\n<!-- x begins: by a program -->\nold\n<!-- x ends -->\nz\n")
    try file.replaceSection("x", with: "new\n")
    let once = file.text
    #expect(once == "a\n<!-- x begins: by a program -->\n\nnew\n\n<!-- x ends -->\nz\n")
    try file.replaceSection("x", with: "new\n")
    #expect(file.text == once)
    #expect(throws: TextFile.Failure.self) { try file.replaceSection("y", with: "") }
  }

  @Test("the plot is well-formed, and its lines stay within it")
  func plot() throws {
    let plot = Plot(
      title: "t", lines: [Plot.Line(name: "n", colour: "red", points: [(0, 0), (365, 1e9)])])
    #expect(XMLParser(data: Data(plot.svg.utf8)).parse())
    #expect(plot.svg.contains("points=\"70.0,390.0 510.0,40.0\""))
  }
}
