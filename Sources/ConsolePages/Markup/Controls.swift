/// A text field with its label, hint and error. The three are tied together, so that a screen reader
/// says them with the field.
struct Field {
  enum Kind: String { case text, email, password }

  /// Also its id.
  let name: String
  let label: String
  var kind = Kind.text
  var value = ""
  var hint = ""
  /// What the browser may fill in (HTML, section 4.10.18.7).
  var autocomplete = "off"
  /// Whether it takes a code, which is shown in wide figures.
  var isCode = false
  var isFirst = false

  func html(_ problem: Problem?) -> HTML {
    let isWrong = problem?.field == name
    let described = (hint.isEmpty ? "" : "\(name)-hint ") + (isWrong ? "problem" : "")
    return """
      <div class="field">
      <label for="\(name)">\(label)</label>
      <input id="\(name)" name="\(name)" type="\(kind.rawValue)" autocomplete="\(autocomplete)" \
      value="\(value)" required\
      \(if: isCode, " class=\"code-input\" spellcheck=\"false\" autocapitalize=\"characters\"")\
      \(if: isFirst || isWrong, " autofocus")\
      \(if: isWrong, " aria-invalid=\"true\"")\
      \(if: !described.isEmpty, " aria-describedby=\"\(described)\"")>
      \(if: !hint.isEmpty, "<p class=\"hint\" id=\"\(name)-hint\">\(hint)</p>")
      </div>
      """
  }
}

extension Field {
  /// The e-mail address that somebody has or wants an account by; what was typed stays.
  static func account(_ visit: Visit, _ problem: Problem?) -> Field {
    Field(
      name: "email", label: "E-mail address", kind: .email, value: visit["email"],
      autocomplete: "username", isFirst: problem == nil)
  }
}

/// A button that sends its form.
struct Submit {
  enum Weight: String { case primary, quiet, danger }

  let id: String
  let label: String
  var weight = Weight.primary

  var html: HTML {
    "<button type=\"submit\" id=\"\(id)\" class=\"\(weight.rawValue)\">\(label)</button>"
  }
}

/// A form that posts, with its token.
struct Form {
  let id: String
  let action: String
  let token: String
  /// Whether it carries files.
  var hasFiles = false
  /// Whether it stands in a line with others.
  var isInline = false
  /// Names and values that go along.
  var hidden: [(name: String, value: String)] = []

  func html(_ content: HTML, isHidden: Bool = false) -> HTML {
    """
    <form id="\(id)" method="post" action="\(action)"\(if: isHidden, " hidden")\
    \(if: hasFiles, " enctype=\"multipart/form-data\"")\
    \(if: isInline, " class=\"inline\"")>
    <input type="hidden" name="form-token" value="\(token)">
    \(hidden.map { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" })
    \(content)
    </form>
    """
  }

  /// A form that is one button.
  func html(_ button: Submit, isHidden: Bool = false) -> HTML {
    html(button.html, isHidden: isHidden)
  }
}
