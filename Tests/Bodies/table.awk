# Makes one table of the results of all bodies: a row for each group of checks, a column for each body.
# Input: the lines of body.sh. Variables: bodies, the columns, with commas between them.
# Exits with 1 if a check failed, or a body has no results.

BEGIN {
  FS = "\t"
  columns = split(bodies, name, ",")
}

/^body / {
  body = substr($1, 6)
  group = $2
  sub(/\..*/, "", group)
  if (!(group in seen)) {
    seen[group] = 1
    groups[++rows] = group
  }
  total[group, body]++
  sum[body]++
  if ($3 == "passed") {
    passed[group, body]++
    all[body]++
  } else if ($3 == "failed") {
    failed[group, body]++
    broken[body]++
    failures[++failureCount] = $2 " on " body ": failed. " $4
  } else {
    if (!($4 in note)) {
      note[$4] = ++notes
      reason[notes] = $4
    }
    left[body]++
    if (index(marks[group, body], "[" note[$4] "]") == 0)
      marks[group, body] = marks[group, body] "[" note[$4] "]"
  }
}

function cell(group, body,    text) {
  if (total[group, body] == 0) return ""
  text = (passed[group, body] + 0)
  if (passed[group, body] != total[group, body]) text = text " of " total[group, body]
  if (failed[group, body] > 0) text = text ", **" failed[group, body] " failed**"
  if (marks[group, body] != "") text = text " " marks[group, body]
  return text
}

END {
  line = "| checks |"
  rule = "| --- |"
  for (i = 1; i <= columns; i++) {
    line = line " " name[i] " |"
    rule = rule " --- |"
  }
  print line
  print rule
  for (r = 1; r <= rows; r++) {
    line = "| " groups[r] " |"
    for (i = 1; i <= columns; i++) line = line " " cell(groups[r], name[i]) " |"
    print line
  }
  line = "| **passed** |"
  rest = "| **failed** |"
  skipped = "| **not checked** |"
  for (i = 1; i <= columns; i++) {
    line = line " " (all[name[i]] + 0) " of " (sum[name[i]] + 0) " |"
    rest = rest " " (broken[name[i]] + 0) " |"
    skipped = skipped " " (left[name[i]] + 0) " |"
    if (sum[name[i]] == 0) failures[++failureCount] = name[i] ": there are no results of this body."
  }
  print line
  print rest
  print skipped
  print ""
  print "Not checked:"
  print ""
  for (n = 1; n <= notes; n++) print "- [" n "] " reason[n]
  if (notes == 0) print "- nothing"
  for (f = 1; f <= failureCount; f++) print (f == 1 ? "\n" : "") failures[f]
  exit failureCount > 0
}
