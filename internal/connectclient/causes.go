package connectclient

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const (
	// maxCauses bounds the chain of causes that is kept of a stack trace; maxCauseLen bounds each of them.
	maxCauses   = 8
	maxCauseLen = 600
)

// Causes returns the chain of causes in a Java stack trace, the outermost first: the class and the first line of the
// message of each exception. A message that only repeats the next cause is left out. The messages hold no content of
// records: see withoutContent.
func Causes(trace string) []string {
	var chain []string
	for line := range strings.Lines(strings.TrimSpace(trace)) {
		// The lines of suppressed exceptions are indented. Further lines of a message often quote a record.
		after, isCause := strings.CutPrefix(line, "Caused by: ")
		if isCause || len(chain) == 0 {
			chain = append(chain, strings.TrimSpace(after))
		}
	}
	for i := range chain[:max(0, len(chain)-1)] {
		chain[i] = strings.TrimSuffix(strings.TrimSuffix(chain[i], chain[i+1]), ": ")
	}
	chain = slices.DeleteFunc(chain, func(cause string) bool { return cause == "" })
	if len(chain) > maxCauses {
		chain = slices.Concat(chain[:1], []string{"…"}, chain[len(chain)-maxCauses+2:])
	}
	for i := range chain {
		if !startFrame.MatchString(trace) {
			chain[i] = withoutContent(chain[i])
		}
		if len(chain[i]) > maxCauseLen {
			chain[i] = strings.ToValidUTF8(chain[i][:maxCauseLen], "") + "…"
		}
	}
	return chain
}

// RootCause returns the last of the [Causes] of a stack trace, or "".
func RootCause(trace string) string {
	chain := Causes(trace)
	if len(chain) == 0 {
		return ""
	}
	return chain[len(chain)-1]
}

// startFrame matches a stack frame of a connector or task that is being started: it has not read a record yet.
var startFrame = regexp.MustCompile(`(?m)^\s*at org\.apache\.kafka\.connect\.runtime\.Worker(Connector\.(doStart|start)|(Sink|Source|)Task\.(initializeAndStart|doStart)|\.startTask)\(`)

// nameNouns are the words beside which a quoted text is a name, such as that of a field, and no content of a record.
const nameNouns = `alias|bucket|class|collection|column|config|configuration|configurations|connector|constraint|converter|database|directory|endpoint|entry|` +
	`field|fields|file|format|group|header|host|index|library|mechanism|method|mode|named|namespace|option|parameter|path|policy|property|` +
	`publication|relation|role|schema|server|setting|slot|subject|table|topic|topics|transform|type|user|version`

var (
	// A quotation mark within a word belongs to the quoted text.
	quotedText = regexp.MustCompile(`(?i)(\b(?:` + nameNouns + `)\b:? +|^|\W)("(?:[^"\\]|\\.|"\w)*"|'(?:[^']|'\w)*')( *\b(?:` + nameNouns + `)\b)?`)

	// fixedWords are quoted in messages of Kafka's own converters.
	fixedWords = []string{`"schema"`, `"payload"`, "'null'", "'true'", "'false'"}

	// contents match content of a record that is not in quotes, or whose quotes may hold others. The groups are kept.
	contents = []*regexp.Regexp{
		regexp.MustCompile(`(Unrecognized token )'.*?'(: was expecting |$)`),
		regexp.MustCompile(`((?:For input string: |Unparseable date: ))".*"`),
		regexp.MustCompile(`(\bText )'.*'`),
		regexp.MustCompile(`()\{.*\}`),
		regexp.MustCompile(`(\[Source: )[^\]]*`),
		regexp.MustCompile(`(?i)(\b(?:values?|row contains) ?[(\[]).*([)\]])`),
		regexp.MustCompile(`(?i)(\b(?:unable to|could not|cannot|can't|failed to) (?:cast|coerce|convert|parse) ).+?( (?:as|into|to)\b)`),
		regexp.MustCompile(`(=\()[^)]*\)`),
		regexp.MustCompile(`(?i)(\b(?:value|payload)\s*[:=]\s*)[^\s,;)\]'"][^,;)\]]*`),
		regexp.MustCompile(`(?i)(\bduplicate entry )'.*'`),
	}
)

// withoutContent removes what may be content of a record from a message: converters, transforms and databases quote the
// value that they cannot read or write. Quoted names, such as that of a field, stay.
func withoutContent(message string) string {
	for _, content := range contents {
		message = content.ReplaceAllString(message, "${1}…${2}")
	}
	return quotedText.ReplaceAllStringFunc(message, func(found string) string {
		m := quotedText.FindStringSubmatch(found)
		before, quoted, after := m[1], m[2], m[3]
		if len(before) > 1 || after != "" || slices.Contains(fixedWords, quoted) {
			return found
		}
		return before + quoted[:1] + "…" + quoted[:1]
	})
}

// FailureGroup is a set of parts of a connector that failed for the same reason.
type FailureGroup struct {
	Connector bool     // the connector itself is one of them
	Tasks     []int    // in their order
	Workers   []string // that run them, sorted
	Causes    []string // of the first of them, the outermost first; empty if the worker gave none
}

// digits match what differs between tasks that fail for the same reason: numbers of tasks, partitions, offsets and ports.
var digits = regexp.MustCompile(`[0-9]+`)

// GroupFailures joins the failures whose causes differ in numbers only. The order is that of the first of each group.
func GroupFailures(failures []Failure) []FailureGroup {
	var groups []FailureGroup
	index := map[string]int{}
	for _, f := range failures {
		key := digits.ReplaceAllString(strings.Join(f.Causes, "\n"), "0")
		i, ok := index[key]
		if !ok {
			i = len(groups)
			index[key] = i
			groups = append(groups, FailureGroup{Causes: f.Causes})
		}
		g := &groups[i]
		if f.Task == nil {
			g.Connector = true
		} else {
			g.Tasks = append(g.Tasks, *f.Task)
		}
		g.Workers = append(g.Workers, f.WorkerID)
	}
	for i := range groups {
		slices.Sort(groups[i].Workers)
		groups[i].Workers = slices.Compact(groups[i].Workers)
	}
	return groups
}

// maxNamed is how many tasks or workers of a group are named. The others are counted.
const maxNamed = 5

// Parts names the parts and their workers: "task 0 on worker 10.0.0.7:8083", or "300 tasks (0, 1, 2, 3, 4, …) on 7 workers".
func (g FailureGroup) Parts() string {
	var parts []string
	if g.Connector {
		parts = append(parts, "connector")
	}
	ids := make([]string, 0, maxNamed+1)
	for i, task := range g.Tasks {
		if i == maxNamed {
			ids = append(ids, "…")
			break
		}
		ids = append(ids, fmt.Sprint(task))
	}
	switch n := len(g.Tasks); {
	case n == 1:
		parts = append(parts, "task "+ids[0])
	case n > 1 && n <= maxNamed:
		parts = append(parts, "tasks "+strings.Join(ids, ", "))
	case n > 1:
		parts = append(parts, fmt.Sprintf("%d tasks (%s)", n, strings.Join(ids, ", ")))
	}
	workers := fmt.Sprintf("%d workers", len(g.Workers))
	switch n := len(g.Workers); {
	case n == 1:
		workers = "worker " + g.Workers[0]
	case n <= maxNamed:
		workers = "workers " + strings.Join(g.Workers, ", ")
	}
	return strings.Join(parts, " and ") + " on " + workers
}
