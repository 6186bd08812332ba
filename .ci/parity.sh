# docs/parity.md keeps its own form: four columns a row, and in the last one tests that exist, or "no test".

parity_tests() { # what a test may be called: Class, Class.Method, and both behind the folder
  grep -roE --include='*.cs' '\bclass [A-Z]\w*|\b[A-Z][a-z]*[A-Za-z0-9]*_\w+\(' Gateway.Tests Gateway.AppHost.Tests | awk -F: '
    $1 != file { flush(); file = $1 }
    $2 ~ /^class / { classes[++c] = substr($2, 7); next }
    { methods[++m] = substr($2, 1, length($2) - 1) }
    END { flush() }
    function flush(    i, j, folder) {
      folder = file; sub(/^[^\/]*\//, "", folder); sub(/\/[^\/]*$/, "", folder); gsub(/\//, ".", folder)
      for (i = 1; i <= c; i++) {
        print classes[i]; print folder "." classes[i]
        for (j = 1; j <= m; j++) { print classes[i] "." methods[j]; print folder "." classes[i] "." methods[j] }
      }
      c = m = 0
    }'
}

parity_names_tests() {
  local known wrong=0
  known=$(mktemp)
  parity_tests >"$known"
  grep -E '^\| ' docs/parity.md | grep -vE '^\| (--- |(what|request|behaviour|case) \| original \|)' | awk -v known="$known" -F' [|] ' '
    BEGIN { while ((getline name < known) > 0) is[name] = 1 }
    NF != 4 || $4 !~ /`|no test/ { print "not: what | original | here | test: " $0; wrong = 1; next }
    { rest = $4; while (match(rest, /`[A-Z][A-Za-z0-9_.]*`/)) {
        name = substr(rest, RSTART + 1, RLENGTH - 2); rest = substr(rest, RSTART + RLENGTH)
        if (!(name in is)) { print "there is no test " name; wrong = 1 } } }
    END { exit wrong }' || wrong=1
  rm -f "$known"
  return "$wrong"
}
