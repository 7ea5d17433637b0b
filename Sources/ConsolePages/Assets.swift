import HTTPServer

/// The console's own files: they are part of the program.
enum Assets {
  private static let files: [String: (type: String, content: [UInt8])] = [
    "/assets/console.css": ("text/css; charset=utf-8", PackageResources.console_css),
    "/assets/console.js": ("text/javascript; charset=utf-8", PackageResources.console_js),
    "/assets/icon.svg": ("image/svg+xml", Array(icon.utf8)),
  ]

  private static let icon = """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="14" r="8" \
    fill="#fff" stroke="#1f5f5b" stroke-width="2.5"/><path d="M12 9.5V14l3 2M12 6V3M10 2h4" \
    fill="none" stroke="#1f5f5b" stroke-width="2.5" stroke-linecap="round"/></svg>
    """

  static func response(to request: HTTPRequest) -> HTTPResponse? {
    guard request.method == "GET" || request.method == "HEAD", let file = files[request.path]
    else { return nil }
    var response = HTTPResponse(type: file.type, body: file.content)
    response.set("Cache-Control", "no-cache")
    return response
  }
}
