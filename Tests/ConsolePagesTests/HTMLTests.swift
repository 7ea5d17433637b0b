import Testing

@testable import ConsolePages

@Suite("HTML")
struct HTMLTests {
  @Test("text that is put into markup stays text, markup stays markup")
  func escaping() {
    let text = "<b class=\"x\">&'"
    let inner: HTML = "<i>\(text)</i>"
    let outer: HTML = "<p title=\"\(text)\">\([inner, inner])\(7)</p>"
    let escaped = "&lt;b class=&quot;x&quot;&gt;&amp;&#39;"
    #expect(
      outer.text == "<p title=\"\(escaped)\"><i>\(escaped)</i><i>\(escaped)</i>7</p>")
  }

  @Test("a part is there under its condition only")
  func conditions() {
    let nothing: String? = nil
    let page: HTML = "\(if: true, "a")\(if: false, "b", else: "c")\(nothing, { "d\($0)" })"
    #expect(page.text == "ac")
  }
}
